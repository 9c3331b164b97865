"""What other rooms may use of stock documents."""

from callcart.commerce.inventory.documents.codes import Code, look_up, read_code
from callcart.commerce.inventory.documents.count import Counted, count, make_count, recount, set_reasons
from callcart.commerce.inventory.documents.drafts import (
    CountDraft,
    LineDraft,
    StockInDraft,
    StockOutDraft,
    TransferDraft,
    read_list,
)
from callcart.commerce.inventory.documents.head import PERMISSIONS, NotNow, StaleDocument, cancel, lines_of
from callcart.commerce.inventory.documents.lists import (
    DocumentFilter,
    Units,
    document_numbers,
    get_document,
    incoming,
    lines_page,
    list_apart,
    list_documents,
    movements_of,
    units_of,
)
from callcart.commerce.inventory.documents.post_count import (
    CountSummary,
    NotAllCounted,
    Promised,
    PromisedUnits,
    line_costs,
    post_count,
    summary,
)
from callcart.commerce.inventory.documents.receive import Arrival, MoreThanExpected, Receipt, receive
from callcart.commerce.inventory.documents.scan import Scan, ScanOutcome, scan
from callcart.commerce.inventory.documents.states import RECEIVING, TRANSITIONS
from callcart.commerce.inventory.documents.stock_in import (
    close_stock_in,
    edit_stock_in,
    make_stock_in,
    open_stock_in,
)
from callcart.commerce.inventory.documents.stock_out import (
    edit_stock_out,
    make_stock_out,
    post_stock_out,
    worth_of_document,
)
from callcart.commerce.inventory.documents.tables import (
    IN_KINDS,
    KIND,
    OUT_KINDS,
    Document,
    DocumentKind,
    DocumentLine,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.documents.transfer import (
    OVER,
    SHORT,
    Outcome,
    edit_transfer,
    explain,
    finish_receiving,
    make_transfer,
    send,
    unexplained,
)

__all__ = [
    "IN_KINDS", "KIND", "OUT_KINDS", "OVER", "PERMISSIONS", "RECEIVING", "SHORT", "TRANSITIONS", "Arrival", "Code", "CountDraft",
    "CountSummary", "Counted", "Document", "DocumentFilter", "DocumentKind", "DocumentLine", "DocumentState", "DocumentType",
    "LineDraft", "MoreThanExpected", "NotAllCounted", "NotNow", "Outcome", "Promised", "PromisedUnits", "Receipt", "Scan",
    "ScanOutcome", "StaleDocument", "StockInDraft", "StockOutDraft", "TransferDraft", "Units", "cancel", "close_stock_in",
    "count", "document_numbers", "edit_stock_in", "edit_stock_out", "edit_transfer", "explain", "finish_receiving",
    "get_document", "incoming", "line_costs", "lines_of", "lines_page", "list_apart", "list_documents", "look_up", "make_count",
    "make_stock_in", "make_stock_out", "make_transfer", "movements_of", "open_stock_in", "post_count", "post_stock_out",
    "read_code", "read_list", "receive", "recount", "scan", "send", "set_reasons", "summary", "unexplained", "units_of",
    "worth_of_document",
]  # fmt: skip
