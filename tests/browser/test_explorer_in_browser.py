"""The explorer in a real browser: pick, drill from a cell, look at its events."""

from decimal import Decimal

import pytest

DRAWN = "[...document.querySelectorAll('[data-chart]')].every(c => c.querySelector('svg path'))"
BOUNDS = "from=2026-09&to=2026-10"


@pytest.mark.parametrize("width", [1440, 390])
def test_every_shape_is_drawn_and_fits(filled, signed_in, problems, width):
    signed_in.set_viewport_size({"width": width, "height": 844})
    for query in (
        "rows=customer&measure=cost&measure=margin_pct",
        "rows=customer&grain=month&measure=cost&compare=previous",
        "rows=month&column=feature&measure=cost",
        "rows=plan&grain=month&measure=margin_pct",
        "rows=customer&column=model&measure=events",
        "grain=day&measure=per_call",
    ):
        signed_in.open(f"explorer?{BOUNDS}&{query}")
        assert signed_in.locator("[data-chart]").count() == 1
        signed_in.wait_for_function(DRAWN)
        wide = signed_in.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, query
    assert problems == []


def test_pick_drill_and_events(filled, signed_in, problems):
    signed_in.open(f"explorer?{BOUNDS}&rows=customer&measure=cost")
    signed_in.get_by_label("Columns").select_option("feature")
    signed_in.wait_for_url("**column=feature**")
    figure = signed_in.locator("[data-table=explorer] tbody tr", has_text="Acme").locator("td a")
    shown = figure.first.inner_text()
    figure.first.click()
    menu = signed_in.get_by_label("Split this figure")
    assert "by Customer" not in menu.inner_text().splitlines()
    menu.get_by_text("by Month", exact=True).click()
    signed_in.wait_for_url("**rows=month**")
    total = signed_in.locator("[data-table=explorer] tfoot tr").last.locator("td a")
    assert (total.count(), total.first.inner_text()) == (1, shown)
    total.first.click()
    signed_in.get_by_text("Events of this figure").first.click()
    signed_in.wait_for_url("**/explorer/cell**")
    rows = signed_in.locator("[data-table=events] tbody td:last-child").all_inner_texts()
    costs = sum(Decimal(text) for text in rows)
    figure = signed_in.locator("[data-table=events] tfoot td:last-child").last
    assert costs == Decimal(figure.inner_text())
    assert (len(rows), f"${costs:,.2f}") == (2, shown)
    assert problems == []


def test_a_filter_is_suggested_added_and_removed(filled, signed_in, problems):
    signed_in.open(f"explorer?{BOUNDS}&rows=plan&measure=cost")
    signed_in.get_by_label("Filter by").select_option("customer")
    signed_in.wait_for_function("document.querySelectorAll('#tk-values option').length > 3")
    first = signed_in.locator("#tk-values option").first
    assert first.get_attribute("value") == "birch"  # the largest revenue
    signed_in.get_by_label("Value").fill("Birch")
    signed_in.get_by_role("button", name="Show").click()
    signed_in.wait_for_url("**customer=birch**")
    signed_in.get_by_label("Remove the filter Customer Birch").click()
    signed_in.wait_for_url(lambda url: "customer=" not in url)
    signed_in.wait_for_load_state("networkidle")
    assert problems == []
