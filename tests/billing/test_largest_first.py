"""Long tables: the largest rows, the sum of the others, and a total that both make up."""

from billing.reports.compared import Move, part
from billing.reports.table import Column, Row, Table


def test_a_table_shows_its_first_rows_and_the_sum_of_the_others():
    columns = (Column("name", "Name"), Column("cost", "Cost", "money", adds=True))
    table = Table(columns, [Row({"name": f"{n}", "cost": n}) for n in range(9, 0, -1)])
    shown = table.first(3)
    assert [row.cells["cost"] for row in shown.rows] == [9, 8, 7, 21]
    assert (shown.rows[-1].cells["name"], shown.summed) == ("6 others", 6)
    assert table.first(8) is table


def test_the_first_of_some_moves_and_the_sum_of_the_others_are_the_total():
    found = [Move((f"{n}",), None if n == 2 else n, n + 1, n, 0) for n in range(9, 0, -1)]
    shown = part("Model", found, 3)
    assert [move.key[0] for move in shown.moves] == ["9", "8", "7"]
    assert (shown.others.key, shown.others.before, shown.others.after) == (("6 others",), 19, 27)
    assert (shown.total.moved, shown.total.unpriced_before) == (11, 45)
    assert part("Model", found, 8).others is None
