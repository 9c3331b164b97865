"""Products in full on their pages: the tree, specifications, pictures, cost for those who may see it, many at once."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from callcart.commerce.catalog.models import Category, Product, SpecField, SpecValue, Variant
from callcart.commerce.catalog.public import CategoryDraft, create_category, update_product, update_variant
from callcart.core import files, pictures
from callcart.people.staff.models import Role
from tests.web.office.office import Office, field_error, words


def dot(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, "PNG")
    return out.getvalue()


def kitchen(office: Office) -> Category:
    return create_category(office.shop.boss, CategoryDraft(name="Kitchen"))


def test_a_category_is_made_renamed_moved_and_removed(office: Office) -> None:
    client, home = office.client("marketing"), kitchen(office)
    made = client.post("/office/categories/new", {"name": "Pots", "parent": str(home.id)})
    pots = Category.objects.get(name="Pots")
    assert made["Location"] == f"/office/categories/{pots.id}" and pots.parent_id == home.id
    values = {"name": "Pans", "slug": "pans", "version": "1"}
    assert client.post(f"/office/categories/{pots.id}/edit", values).status_code == 303
    stale = client.post(f"/office/categories/{pots.id}/edit", values | {"name": "Woks"})
    assert stale.status_code == 409 and Category.objects.get(id=pots.id).name == "Pans"
    ring = client.post(f"/office/categories/{home.id}/move", {"parent": str(pots.id)})
    assert ring.status_code == 422 and field_error(ring, "parent_id") == "" and "inside itself" in words(ring)
    assert client.post(f"/office/categories/{pots.id}/move", {"parent": ""}).status_code == 303
    said = words(client.get("/office/categories"))
    assert "Kitchen" in said and "Pans" in said
    assert client.post(f"/office/categories/{pots.id}/remove").status_code == 303
    assert list(Category.objects.values_list("name", flat=True)) == ["Kitchen"]


def test_a_category_in_use_stays(office: Office) -> None:
    home = kitchen(office)
    tea = office.shop.goods("TEA")
    update_product(office.shop.boss, tea.product_id, category_id=home.id)
    refused = office.client("marketing").post(f"/office/categories/{home.id}/remove")
    assert refused.status_code == 409 and "Move them elsewhere first" in words(refused)
    assert Category.objects.filter(id=home.id).exists()


def test_only_those_who_edit_products_change_the_tree(office: Office) -> None:
    home, agent = kitchen(office), office.client("agent")
    assert agent.get("/office/categories").status_code == 200
    assert agent.get(f"/office/categories/{home.id}").status_code == 200
    for path in (
        "new",
        f"{home.id}/edit",
        f"{home.id}/move",
        f"{home.id}/remove",
        f"{home.id}/specifications/new",
    ):
        assert (
            agent.post(f"/office/categories/{path}", {"name": "Mine", "kind": "text"}).status_code == 403
        ), path
    assert [each.name for each in Category.objects.all()] == ["Kitchen"]
    assert SpecField.objects.count() == 0


def test_specifications_from_declaring_to_the_product(office: Office) -> None:
    client, home = office.client("marketing"), kitchen(office)
    tea = office.shop.goods("TEA")
    update_product(office.shop.boss, tea.product_id, category_id=home.id)
    page = f"/office/categories/{home.id}/specifications"
    assert client.post(f"{page}/new", {"name": "Lid", "kind": "choice", "choices": ""}).status_code == 422
    values = {
        "name": "Metal",
        "name_zh": "金属",
        "kind": "choice",
        "choices": "Steel | 钢\nIron|铁",
        "is_filter": "1",
    }
    assert client.post(f"{page}/new", values).status_code == 303
    assert client.post(f"{page}/new", {"name": "Volume", "kind": "number", "unit": "L"}).status_code == 303
    metal, volume = SpecField.objects.order_by("position")
    assert metal.choices == [["c1", "Steel", "钢"], ["c2", "Iron", "铁"]]
    version = Product.objects.get(id=tea.product_id).version
    address = f"/office/products/{tea.product_id}/specifications"
    typed = {f"spec.{metal.id}": "c2", f"spec.{volume.id}": "much", "version": version}
    refused = client.post(address, typed)
    assert refused.status_code == 422 and field_error(refused, f"spec.{volume.id}")
    assert SpecValue.objects.count() == 0
    assert client.post(address, typed | {f"spec.{volume.id}": "2.5"}).status_code == 303
    said = words(client.get(f"/office/products/{tea.product_id}"))
    assert "Iron" in said and "2.5 L" in said
    assert "Thing TEA" in words(client.get("/office/products?q=iron"))
    assert client.post(address, typed | {f"spec.{volume.id}": "3"}).status_code == 409
    renamed = values | {"choices": "Inox | 钢\nIron|铁", "version": "1"}
    assert client.post(f"{page}/{metal.id}", renamed).status_code == 303
    metal.refresh_from_db()
    assert metal.choices == [["c1", "Inox", "钢"], ["c2", "Iron", "铁"]]
    taken = client.post(f"{page}/{metal.id}", values | {"choices": "Steel", "version": "2"})
    assert taken.status_code == 422 and "Iron" in words(taken)


def test_cost_is_seen_and_set_by_those_who_may(office: Office) -> None:
    tea = office.shop.goods("TEA", price=2000)
    update_variant(office.shop.boss, tea.id, cost_minor=777)
    page = f"/office/products/{tea.product_id}"
    assert "$7.77" in words(office.client("finance").get(page))
    assert "7.77" not in words(office.client("agent").get(page))
    values = {"sku": "TEA", "name": "Tea", "price": "20", "weight_g": "120", "on_sale": "1"}
    may = office.client("marketing")
    assert "7.77" in may.get(f"{page}/variants/{tea.id}").content.decode()
    assert may.post(f"{page}/variants/{tea.id}", values | {"cost": "8.5"}).status_code == 303
    tea.refresh_from_db()
    assert (tea.cost_minor, tea.weight_g) == (850, 120)
    assert may.post(f"{page}/variants/{tea.id}", values | {"cost": "-1"}).status_code == 422
    assert may.post(f"{page}/variants/{tea.id}", values | {"weight_g": "1.5"}).status_code == 422
    tea.refresh_from_db()
    assert (tea.cost_minor, tea.weight_g) == (850, 120)


def test_an_editor_without_the_right_cannot_set_cost(office: Office) -> None:
    tea = office.shop.goods("TEA", price=2000)
    role = Role.objects.get(key="marketing")
    del role.grants["catalog.see_cost"]
    role.save()
    client = office.client("marketing")
    page = f"/office/products/{tea.product_id}/variants/{tea.id}"
    assert "Cost" not in words(client.get(page))
    values = {"sku": "TEA", "name": "Tea", "price": "21", "on_sale": "1"}
    assert client.post(page, values | {"cost": "1"}).status_code == 403
    assert client.post(page, values).status_code == 303
    tea.refresh_from_db()
    assert (tea.price_minor, tea.cost_minor) == (2100, None)


def test_the_second_of_two_open_forms_is_told(office: Office) -> None:
    tea, client = office.shop.goods("TEA"), office.client("marketing")
    version = Product.objects.get(id=tea.product_id).version
    page, values = (
        f"/office/products/{tea.product_id}/edit",
        {"name": "One", "version": version, "on_sale": "1"},
    )
    assert client.post(page, values).status_code == 303
    stale = client.post(page, values | {"name": "Two"})
    assert stale.status_code == 409 and "Somebody else changed this" in words(stale)
    assert Product.objects.get(id=tea.product_id).name == "One"


def test_days_on_sale_and_the_address(office: Office) -> None:
    tea, client = office.shop.goods("TEA"), office.client("marketing")
    page = f"/office/products/{tea.product_id}/edit"
    values = {"name": "Tea", "on_sale": "1", "slug": "best-tea", "sale_from": "2099-05-01T10:00"}
    wrong = client.post(page, values | {"sale_until": "2099-05-01T09:00", "slug": "No Good"})
    assert wrong.status_code == 422 and field_error(wrong, "slug") and field_error(wrong, "sale_until")
    assert client.post(page, values | {"sale_until": ""}).status_code == 303
    found = Product.objects.get(id=tea.product_id)
    assert found.slug == "best-tea" and found.sale_from is not None
    assert found.sale_from.astimezone(UTC) > datetime(2099, 5, 1, tzinfo=UTC)
    assert client.get("/p/best-tea").status_code == 404


def test_pictures_are_taken_in_described_and_given_out(office: Office) -> None:
    tea, client = office.shop.goods("TEA"), office.client("marketing")
    page = f"/office/products/{tea.product_id}/pictures"
    sent = SimpleUploadedFile("../../evil.php", dot(), "text/html")
    assert client.post(page, {"picture": sent, "alt": "A red tin"}).status_code == 303
    product = Product.objects.get(id=tea.product_id)
    (key,) = product.images
    assert product.alts == {key: ["A red tin", ""]}
    digest = key[-69:-5]
    for path, kind in (
        (f"{digest}.webp", "image/webp"),
        (f"thumb/{digest}", "image/webp"),
        (f"fallback/{digest}", "image/jpeg"),
    ):
        given = client.get(f"/pictures/{path}")
        assert (given.status_code, given["Content-Type"]) == (200, kind)
        assert given["X-Content-Type-Options"] == "nosniff" and "immutable" in given["Cache-Control"]
        assert "sandbox" in given["Content-Security-Policy"]
        b"".join(given.streaming_content)  # type: ignore[attr-defined]
    assert client.get(f"/pictures/thumb/{'0' * 64}").status_code == 404
    assert "A red tin" in client.get(f"/office/products/{product.id}").content.decode()
    two = {"picture": [SimpleUploadedFile("a.png", dot("blue")), SimpleUploadedFile("b.png", dot("green"))]}
    assert client.post(page, two).status_code == 303
    last = Product.objects.get(id=product.id).images[2]
    assert client.post(f"{page}/change", {"key": last, "act": "earlier"}).status_code == 303
    assert Product.objects.get(id=product.id).images[1] == last
    described = {"key": last, "act": "describe", "alt": "x" * 300}
    assert client.post(f"{page}/change", described).status_code == 422
    described |= {"alt": "Green", "variant": str(tea.id)}
    assert client.post(f"{page}/change", described).status_code == 303
    assert Variant.objects.get(id=tea.id).image == last
    assert client.post(f"{page}/change", {"key": last, "act": "remove"}).status_code == 303
    assert last not in Product.objects.get(id=product.id).images
    assert Variant.objects.get(id=tea.id).image == ""


def test_what_is_no_picture_is_refused_with_its_reason(office: Office) -> None:
    tea, client = office.shop.goods("TEA"), office.client("marketing")
    page = f"/office/products/{tea.product_id}/pictures"
    before = len(list(files._root().rglob("*")))
    for data, said in (
        (b"hello", "not a picture we can read"),
        (b"<svg xmlns='x'/>", "Pictures of this kind are not taken"),
        (dot() + bytes(pictures.MOST_BYTES), "larger than 10 MB"),
    ):
        refused = client.post(page, {"picture": SimpleUploadedFile("a.png", data, "image/png")})
        assert refused.status_code == 422 and said in (field_error(refused, "picture") or ""), said
    assert client.post(page, {}).status_code == 422
    assert (
        office.client("agent").post(page, {"picture": SimpleUploadedFile("a.png", dot())}).status_code == 403
    )
    assert Product.objects.get(id=tea.product_id).images == []
    assert len(list(files._root().rglob("*"))) == before


def test_ticked_products_go_off_sale_and_on_again(office: Office) -> None:
    ids = [str(office.shop.goods(sku).product_id) for sku in ("TEA", "CUP")]
    client = office.client("marketing")
    assert client.post("/office/products/on-sale", {"product": ids, "act": "off"}).status_code == 303
    assert Product.objects.filter(on_sale=True).count() == 0
    assert (
        office.client("agent").post("/office/products/on-sale", {"product": ids, "act": "on"}).status_code
        == 403
    )
    assert Product.objects.filter(on_sale=True).count() == 0
    assert client.post("/office/products/on-sale", {"product": ids[:1], "act": "on"}).status_code == 303
    assert Product.objects.filter(on_sale=True).count() == 1


def test_prices_by_percent_are_shown_before_they_are_set(office: Office) -> None:
    ids = [
        str(office.shop.goods(sku, price=price).product_id) for sku, price in (("TEA", 2000), ("CUP", 1999))
    ]
    client, page = office.client("marketing"), "/office/products/prices"
    form = {"product": ids, "direction": "down", "percent": "10", "step": "10"}
    assert client.post(page, {"product": ids}).status_code == 200
    shown = client.post(page, form)
    assert "$18.00" in words(shown)
    assert set(Variant.objects.values_list("price_minor", flat=True)) == {2000, 1999}
    seen = shown.content.decode().partition('name="seen" value="')[2][:64]
    update_variant(office.shop.boss, office.shop.variants["CUP"].id, price_minor=1500)
    moved = client.post(page, form | {"seen": seen})
    assert moved.status_code == 409 and "changed meanwhile" in words(moved) and "$13.50" in words(moved)
    assert Variant.objects.get(sku="TEA").price_minor == 2000
    seen = moved.content.decode().partition('name="seen" value="')[2][:64]
    assert client.post(page, form | {"seen": seen}).status_code == 303
    assert dict(Variant.objects.values_list("sku", "price_minor")) == {"TEA": 1800, "CUP": 1350}
    for percent in ("", "0", "100", "1.555", "lots", "-5"):
        assert client.post(page, form | {"percent": percent}).status_code == 422, percent
    assert office.client("agent").post(page, form).status_code == 403


def test_the_list_shows_what_is_missing(office: Office) -> None:
    tea, cup = office.shop.goods("TEA"), office.shop.goods("CUP")
    update_product(office.shop.boss, cup.product_id, category_id=kitchen(office).id)
    update_variant(office.shop.boss, cup.id, barcode="4006381333931")
    client = office.client("marketing")
    for missing in ("category", "barcode"):
        said = words(client.get(f"/office/products?missing={missing}"))
        assert "Thing TEA" in said and "Thing CUP" not in said, missing
    assert "Thing CUP" in words(client.get("/office/products?missing=nonsense"))
    update_variant(office.shop.boss, tea.id, barcode="4006381333932")
    assert "check digit" in client.get(f"/office/products/{tea.product_id}").content.decode()
