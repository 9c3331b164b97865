"""Addresses of ways to pay, instalments, gift cards and store credit."""

from django.urls import path

from callcart.web.office.money import cards, credit, instalments, ways

urlpatterns = [
    path("money/ways", ways.ways, name="ways_to_pay"),
    path("money/ways/<slug:provider>", ways.save, name="way_save"),
    path("money/ways/<slug:provider>/test", ways.test, name="way_test"),
    path("money/instalments", instalments.instalments, name="instalments"),
    path("money/instalments/<uuid:order_id>", instalments.plan, name="instalment_plan"),
    path("money/instalments/<uuid:order_id>/plan", instalments.replace, name="instalment_replan"),
    path("money/instalments/<uuid:order_id>/<uuid:instalment_id>", instalments.move, name="instalment_move"),
    path("money/gift-cards", cards.cards, name="gift_cards"),
    path("money/gift-cards/new", cards.issue, name="gift_card_issue"),
    path("money/gift-cards/<uuid:account_id>", cards.card, name="gift_card"),
    path("money/gift-cards/<uuid:account_id>/block", cards.block, name="gift_card_block"),
    path("money/gift-cards/<uuid:account_id>/take-back", cards.take_back, name="gift_card_take_back"),
    path("customers/<uuid:customer_id>/credit", credit.credit, name="customer_credit"),
    path("customers/<uuid:customer_id>/credit/summary", credit.summary, name="customer_credit_card"),
    path("customers/<uuid:customer_id>/credit/give", credit.grant, name="credit_grant"),
    path("customers/<uuid:customer_id>/credit/take-back", credit.take_back, name="credit_take_back"),
    path("orders/<uuid:order_id>/stored-value", credit.pay_order, name="order_use_value"),
]
