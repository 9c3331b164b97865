"""What other rooms may use of invoicing."""

from callcart.commerce.invoicing.approvals import ask_credit
from callcart.commerce.invoicing.batch import get_batch, list_batches, orders_without, start_batch, stop_batch
from callcart.commerce.invoicing.buyers import BuyerDraft, buyer_of, check_buyer, last_buyer, set_buyer
from callcart.commerce.invoicing.content import Content, Part
from callcart.commerce.invoicing.correct import correct_invoice
from callcart.commerce.invoicing.credit import Left, credit_invoice, left_of
from callcart.commerce.invoicing.errors import (
    AlreadyInvoiced,
    BatchRuns,
    IsIssued,
    NoSeller,
    NothingLeft,
    NotInvoiceable,
    TooMuchCredit,
)
from callcart.commerce.invoicing.export import HEADINGS, tax_rows
from callcart.commerce.invoicing.issue import issue_invoice, may_be_invoiced, open_invoice
from callcart.commerce.invoicing.models import (
    Batch,
    BatchState,
    Buyer,
    BuyerKind,
    Document,
    IssueAt,
    Kind,
    PaperLanguage,
    Seller,
)
from callcart.commerce.invoicing.queries import (
    After,
    Filters,
    Pdf,
    credit_notes_of,
    document_of_token,
    document_token,
    documents_of_order,
    get_document,
    list_documents,
    pdf_of,
)
from callcart.commerce.invoicing.sample import sample
from callcart.commerce.invoicing.seller import SellerDraft, is_ready, save_seller, seller
from callcart.commerce.invoicing.send import send_document

__all__ = [
    "HEADINGS", "After", "AlreadyInvoiced", "Batch", "BatchRuns", "BatchState", "Buyer", "BuyerDraft", "BuyerKind", "Content",
    "Document", "Filters", "IsIssued", "IssueAt", "Kind", "Left", "NoSeller", "NotInvoiceable", "NothingLeft", "PaperLanguage", "Part",
    "Pdf", "Seller", "SellerDraft", "TooMuchCredit", "ask_credit", "buyer_of", "check_buyer", "correct_invoice", "credit_invoice",
    "credit_notes_of", "document_of_token", "document_token", "documents_of_order", "get_batch", "get_document", "is_ready",
    "issue_invoice", "last_buyer", "left_of", "list_batches", "list_documents", "may_be_invoiced", "open_invoice", "orders_without",
    "pdf_of", "sample", "save_seller", "seller", "send_document", "set_buyer", "start_batch", "stop_batch", "tax_rows",
]  # fmt: skip
