import csv
import datetime as dt
from pathlib import Path

import pytest

from billing.margin import margin
from billing.templatetags.money import money
from tknops.calendar import Period

PAGES = (
    "overview", "customers", "customer/acme", "plans", "plan/starter", "cohorts",
    "what-if?plan=starter&allowance=5", "features", "models",
    "features?feature=chat", "models?provider=openai&model=gpt-4o",
)  # fmt: skip
MONTH = "month=2026-10"
# Fields without a label, tables without a caption, links without a text.
NAMELESS = """() => [
    ...[...document.querySelectorAll(".tk input:not([type=hidden]), .tk select")]
        .filter(field => !field.labels.length && !field.getAttribute("aria-label")),
    ...[...document.querySelectorAll(".tk table")].filter(table => !table.caption),
    ...[...document.querySelectorAll(".tk a")].filter(link => !link.textContent.trim()),
].map(node => node.outerHTML.slice(0, 100))"""
DRAWN = "[...document.querySelectorAll('[data-chart]')].every(c => c.querySelector('svg path'))"
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
# Text of a cell, without what only hints at sorting.
CELLS = "cells => cells.map(cell => cell.innerText.replace(/[▲▼]/g, '').trim())"


def at(path):
    return f"{path}{'&' if '?' in path else '?'}{MONTH}"


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_filled_page_is_clean_named_drawn_and_fits(filled, signed_in, problems, width):
    signed_in.set_viewport_size({"width": width, "height": 844})
    for path in PAGES:
        signed_in.open(at(path))
        assert signed_in.locator("[data-chart]").count() >= 1
        signed_in.wait_for_function(DRAWN)
        assert signed_in.evaluate(NAMELESS) == [], path
        assert overflow(signed_in) <= 0, path
    assert problems == []


def test_every_empty_page_is_clean_and_has_one_way_on(signed_in, problems):
    for path in ("overview", "customers", "plans", "what-if", "cohorts", "features", "models"):
        signed_in.open(path)
        assert signed_in.locator(".tk-empty a").count() == 1
    for path in ("setup", "matching"):
        signed_in.open(path)
    assert problems == []


def test_figures_in_the_table_are_those_of_the_margin(filled, signed_in):
    signed_in.open(at("customers"))
    report = margin(by=["customer"], period=OCTOBER)
    rows = {cells[0]: cells[2:5] for cells in _rows(signed_in, "customers")}
    expected = {
        report.labels["customer"].get(row.key[0], row.key[0]): [
            money(row.revenue), money(row.cost), money(row.margin)
        ]
        for row in report.rows
    }  # fmt: skip
    assert rows == expected


def _rows(page, table):
    rows = page.locator(f"[data-table={table}] tbody tr")
    return [rows.nth(i).locator("th, td").evaluate_all(CELLS) for i in range(rows.count())]


def test_sort_search_and_export_work_together(filled, signed_in):
    signed_in.open(at("customers"))
    head = signed_in.locator("thead th", has_text="Revenue").first
    head.locator("a").click()
    assert signed_in.locator("thead th", has_text="Revenue").first.get_attribute("aria-sort") == (
        "descending"
    )
    assert [row[0] for row in _rows(signed_in, "customers")][-2:] == ["Acme", "(unattributed)"]
    signed_in.get_by_label("Search the table").fill("ced")
    signed_in.get_by_label("Search the table").press("Enter")
    signed_in.wait_for_url("**q=ced**")
    assert [row[0] for row in _rows(signed_in, "customers")] == ["Cedar"]
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="CSV").click()
    lines = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert [line[0] for line in lines[1:]] == ["Cedar", "Total of 1 of 4 shown"]


def test_filters_submit_by_themselves_and_go_along_to_the_customer(filled, signed_in):
    signed_in.open(at("plans"))
    signed_in.get_by_role("link", name="Starter").first.click()
    signed_in.wait_for_url("**/plan/starter?*")
    signed_in.get_by_role("link", name="1 paying").click()
    signed_in.wait_for_url("**/customers?*plan=starter*")
    assert [row[0] for row in _rows(signed_in, "customers")] == ["Acme"]
    signed_in.get_by_label("Health", exact=True).select_option("healthy")
    signed_in.wait_for_url("**health=healthy*")
    assert "month=2026-10" in signed_in.url
    assert "plan=starter" in signed_in.url


def test_scatter_point_leads_to_its_customer(filled, signed_in):
    signed_in.open(at("customers"))
    signed_in.wait_for_function(DRAWN)
    place = signed_in.evaluate(
        """() => {
            const node = document.querySelector("[data-chart]");
            const chart = echarts.getInstanceByDom(node);
            const series = chart.getOption().series.find(s => s.name === "Under water");
            const axes = {xAxisIndex: 0, yAxisIndex: 0};
            const [x, y] = chart.convertToPixel(axes, series.data[0].value);
            const box = node.getBoundingClientRect();
            return [box.left + x, box.top + y];
        }"""
    )
    signed_in.mouse.click(*place)
    signed_in.wait_for_url("**/customer/acme?month=2026-10")


def test_keyboard_reaches_the_table_and_its_links_with_a_visible_focus(filled, signed_in):
    signed_in.open(at("plans"))
    signed_in.locator(".tk-exports a", has_text="XLSX").first.focus()
    signed_in.keyboard.press("Tab")
    region = signed_in.evaluate(
        """(node => [node.getAttribute("role"), getComputedStyle(node).outlineStyle])
        (document.activeElement)"""
    )
    assert region == ["region", "solid"]
    signed_in.keyboard.press("Tab")
    assert signed_in.evaluate("document.activeElement.closest('th').innerText").startswith("Plan")


def test_both_themes_repaint_the_chart(filled, signed_in):
    signed_in.open(at("overview"))
    colour = "getComputedStyle(document.querySelector('.tk')).getPropertyValue('--card')"
    bar = "document.querySelector('[data-chart=tk-chart] svg').innerHTML"
    light, drawn = signed_in.evaluate(colour), signed_in.evaluate(bar)
    signed_in.evaluate("document.documentElement.classList.add('dark')")
    signed_in.wait_for_timeout(100)
    assert signed_in.evaluate(colour) != light
    assert signed_in.evaluate(bar) != drawn


def test_first_steps_are_clean_and_within_reach_on_a_phone(filled, signed_in, problems, tmp_path):
    signed_in.set_viewport_size({"width": 390, "height": 844})
    for path in ("setup", "matching?month=2026-10", "import-billing", "upload-usage"):
        signed_in.open(path)
        assert overflow(signed_in) <= 0, path
        for control in signed_in.locator(
            ".tk :is(button, select, input, a.tk-button):visible"
        ).all():
            box = control.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 390, path
    file = tmp_path / "calls.csv"
    file.write_text("TIMESTAMP,Tokens\n2026-10-01T00:00:00Z,1\n")
    signed_in.locator("input[type=file]").set_input_files(file)
    signed_in.get_by_role("button", name="Look at it").click()
    constant = signed_in.get_by_label("Provider of every row").bounding_box()
    assert constant["x"] + constant["width"] <= 390
    assert problems == []
