"""Write docs/gallery.md and its pictures: what ilk prints of real tables and of its demos.

    python tools/write_gallery.py [NAME …]

Without a name, every section is written anew. The real tables are not part of the project: they are
read from the folder named by the variable ILK_DATA, or from `../shared/data`.
"""

from __future__ import annotations

import io
import os
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from save_picture import save_picture

import ilk
from ilk.cli.options import spell_flag
from ilk.orders import aggregate_orders
from ilk.report.terminal import render_segments_table
from ilk.tables.frames import open_frame
from ilk.workflow.run import Run

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "gallery.md"
PICTURES = ROOT / "docs" / "pictures" / "gallery"
COLUMNS = 100  # of the terminal
WIDTH = 760  # of a picture
COLORS = 32
LIMIT = 60_000  # bytes of a picture

HEAD = """# Gallery

What `ilk` prints of real tables and of its demos, as the terminal shows it, with one plot of each.
Only the tables were chosen by hand: there are no options, and no name or action was rewritten.
The page is written by `python tools/write_gallery.py`.
"""


@dataclass(frozen=True)
class Example:
    """A table of the gallery: its name, the command that is shown, and what it is."""

    name: str
    command: str
    about: str


EXAMPLES = (
    Example(
        "mall_customers",
        "ilk fit Mall_Customers.csv",
        "200 customers of a mall, with age, income and a spending score: a public table that many "
        "courses use.",
    ),
    Example(
        "mall_customers_missing",
        "ilk fit Mall_Customers_missing.csv",
        "The same table with cells missing.",
    ),
    Example(
        "wholesale",
        "ilk fit Wholesale_customers.csv",
        "440 clients of a wholesaler with their yearly spending by product group (UCI Machine "
        "Learning Repository). Channel and region are codes without a label.",
    ),
    Example(
        "credit_cards",
        "ilk fit BankChurners.csv",
        "10,127 holders of a credit card, some of whom have left: a public table of a bank.",
    ),
    Example(
        "demographics",
        "ilk fit segmentation_data.csv",
        "2,000 customers with age, income and four traits as codes without a label: a public table "
        "of a course.",
    ),
    Example(
        "online_retail",
        "ilk fit online_retail_customers.csv",
        "The customers of an online shop, made by `ilk.orders.aggregate_orders` of its order lines "
        "of a year (UCI Online Retail), with quantity times price as the amount.",
    ),
    Example(
        "cdnow",
        "ilk fit cdnow_customers.csv",
        "The customers of a shop for music, made in the same way of the purchases of 1997 and 1998 "
        "in the file CDNOW_master.txt.",
    ),
    *(
        Example(f"demo_{name}", f"ilk demo {name}", dataset.description)
        for name, dataset in ilk.demo.DATASETS.items()
    ),
)
"""Every section of the page, in its order."""


def find_data() -> Path:
    """The folder of the real tables."""
    return Path(os.environ.get("ILK_DATA", ROOT.parent / "shared" / "data"))


def load_online_retail() -> pl.DataFrame:
    """The customers in the order lines of Online Retail."""
    lines = pl.read_csv(find_data() / "online_retail.csv.gz", infer_schema=False).with_columns(
        day=pl.col("InvoiceDate").str.slice(0, 10),
        paid=pl.col("Quantity").cast(pl.Float64) * pl.col("UnitPrice").cast(pl.Float64),
    )
    return aggregate_orders(
        lines, id="CustomerID", date="day", amount="paid", order="InvoiceNo"
    ).frame


def load_cdnow() -> pl.DataFrame:
    """The customers in the purchases of CDNOW."""
    rows = [
        line.split() for line in (find_data() / "CDNOW_master.txt").read_text().splitlines()[1:]
    ]
    lines = pl.DataFrame(rows, schema=["customer", "day", "cds", "paid"], orient="row")
    return aggregate_orders(lines, id="customer", date="day", amount="paid").frame


ORDERS = {"online_retail": load_online_retail, "cdnow": load_cdnow}
"""Tables of customers that are made of orders."""


def run_example(example: Example) -> Run:
    """Do what the command does."""
    _, job, argument = example.command.split()
    if example.name in ORDERS:
        customers = ORDERS[example.name]()
        return ilk.fit(open_frame(customers, name=argument))
    if job == "fit":
        return ilk.fit(find_data() / argument)
    dataset = ilk.demo.get_dataset(argument)
    table: pl.DataFrame = ilk.demo.load_customers(argument)
    return ilk.fit(open_frame(table, name=f"{dataset.title} (invented)"), dataset.recipe)


def render_section(example: Example, run: Run) -> str:
    """A section between its marks: the command, what it prints, and a picture."""
    summary = run.build_summary(spell=spell_flag)
    console = Console(file=io.StringIO(), width=COLUMNS, highlight=False)
    console.print(render_segments_table(summary))
    assert isinstance(console.file, io.StringIO)
    lines = [
        f"$ {example.command}",
        *textwrap.wrap(summary["loaded"], COLUMNS),
        "",
        summary["verdict"],
        summary["choice"]["meaning"],
        "",
        *(line.rstrip() for line in console.file.getvalue().splitlines()),
    ]
    alt = next(picture["alt"] for picture in summary["pictures"] if picture["key"] == "scatter")
    return "\n".join(
        (
            f"<!-- {example.name} -->",
            f"## {example.command}",
            "",
            example.about,
            "",
            "```text",
            *lines,
            "```",
            "",
            f"![{alt}](pictures/gallery/{example.name}.png)",
            f"<!-- end of {example.name} -->",
        )
    )


def find_section(page: str, name: str) -> str:
    """A section of the page with its marks; empty if it is not there."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if start not in page or end not in page:
        return ""
    return page[page.index(start) : page.index(end) + len(end)]


def draw_picture(example: Example, run: Run) -> None:
    picture = run.plot.render_images()["scatter"]
    save_picture(PICTURES / f"{example.name}.png", picture, colors=COLORS, width=WIDTH, limit=LIMIT)


def main(names: list[str]) -> None:
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    sections = {example.name: find_section(page, example.name) for example in EXAMPLES}
    if unknown := set(names) - set(sections):
        sys.exit(f"no section is called {', '.join(sorted(unknown))}: {', '.join(sections)}")
    for example in EXAMPLES:
        if not names or example.name in names:
            run = run_example(example)
            sections[example.name] = render_section(example, run)
            draw_picture(example, run)
    PAGE.write_text("\n\n".join([HEAD.strip(), *filter(None, sections.values())]) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
