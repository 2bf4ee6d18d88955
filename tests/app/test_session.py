"""Nothing is computed twice, long work shows its progress, and files go with their session."""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import suppress
from pkgutil import resolve_name

import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import RerunData, RerunException

import ilk
from ilk.app.progress import PageProgress
from ilk.app.session import Session
from ilk.app.upload import load_bundled

STEPS = {
    "summarize": "ilk.app.session.summarize_source",
    "infer": "ilk.app.session.infer_schema",
    "fit": "ilk.workflow.fit.fit_candidates",
    "finalize": "ilk.workflow.fit.finalize_run",
    "write": "ilk.workflow.run.Run.write",
    "zip": "zipfile.ZipFile",
    "predict": "ilk.model.predict.predict",
}
ALL = ("Data", "Choose", "Segments", "Predict", "Export")


@pytest.fixture
def counts(monkeypatch) -> Counter[str]:
    """How often each step was computed."""
    counter: Counter[str] = Counter()

    def counted(name: str, target: str):
        work = resolve_name(target)

        def done(*arguments, **named):
            counter[name] += 1
            return work(*arguments, **named)

        return done

    for name, target in STEPS.items():
        monkeypatch.setattr(target, counted(name, target))
    return counter


@pytest.mark.usefixtures("undrawn")
def test_a_walk_through_all_pages_computes_every_step_once(person, mall_csv, counts):
    person.upload("mall.csv", mall_csv)
    for _ in range(2):
        for page in ALL:
            person.go(page)
            person.at.run()
    assert counts == {"summarize": 1, "infer": 1, "fit": 1, "finalize": 1, "write": 1, "zip": 1}


@pytest.mark.usefixtures("undrawn")
def test_another_number_of_segments_tries_nothing_again(person, counts):
    person.take("mall").go("Choose").go("Segments")
    person.go("Choose").at.slider[0].set_value(3).run()
    person.go("Segments").go("Export")
    assert counts["summarize"] == counts["infer"] == counts["fit"] == 1
    assert (counts["finalize"], counts["write"]) == (2, 1)


@pytest.mark.usefixtures("undrawn")
def test_names_are_written_and_nothing_else_is_computed_again(owner, counts):
    owner.go("Export").go("Segments")
    owner.labeled("text_input", "segment 1").set_value("Another name")
    owner.submit("edit").go("Predict").go("Export").go("Export")
    assert counts == {"write": 2, "zip": 2}


def test_another_role_does_not_read_the_table_again(person, counts):
    person.take("mall").go("Segments").go("Data")
    person.edit_column("Age", role="ignore")
    person.go("Segments")
    assert (counts["summarize"], counts["fit"], counts["finalize"]) == (1, 2, 2)


def test_another_way_to_read_reads_the_table_again(person, mall_csv, counts):
    person.upload("mall.csv", mall_csv)
    person.field("number_input", "reading").set_value(3)
    person.submit("reading")
    person.go("Choose").go("Data")
    assert counts["summarize"] == 2


def test_the_same_new_customers_are_labeled_once(owner, mall_csv, counts):
    owner.go("Predict").label("mall.csv", mall_csv)
    owner.at.run()
    owner.at.run()
    assert counts == {"predict": 1}


def test_a_result_is_kept_though_the_person_has_left_the_page(counts, monkeypatch):
    session = Session()
    session.load_table(load_bundled(ilk.demo.get_dataset("mall")))
    with monkeypatch.context() as patch:
        # When the bar is removed, Streamlit ends the script to run the next one.
        patch.setattr(PageProgress, "__exit__", _leave_page)
        for work in (
            session.get_table_summary,
            session.get_inferred_schema,
            session.get_candidates,
            session.get_run,
        ):
            with suppress(RerunException):
                work()
    session.get_run()
    assert counts == {"summarize": 1, "infer": 1, "fit": 1, "finalize": 1}


def _leave_page(*_):
    raise RerunException(RerunData())


@pytest.fixture
def bars(monkeypatch) -> list[str]:
    """The texts of the progress bars."""
    texts: list[str] = []
    show = DeltaGenerator.progress

    def shown(self, value, text=None, *arguments, **named):
        texts.append(text)
        return show(self, value, text, *arguments, **named)

    monkeypatch.setattr(DeltaGenerator, "progress", shown)
    return texts


def test_long_work_is_seen_and_leaves_nothing_behind(person, mall_csv, bars):
    seen = {}
    person.take("mall")
    for page in ALL:
        person.go(page)
        seen[page] = list(bars)
        bars.clear()
        assert not person.at.progress
    assert "Reading" in seen["Data"][0]
    assert "Choosing" in seen["Choose"][0]
    assert "Labeling" in seen["Segments"][0]
    assert seen["Predict"] == []
    assert len(seen["Export"]) >= 2
    person.go("Predict").label("mall.csv", mall_csv)
    assert "Labeling" in bars[-1]
    assert not person.at.progress


def test_a_long_step_shows_how_far_it_is(bars):
    reporter = PageProgress(refresh_seconds=-1.0)
    with reporter, reporter.step("Labeling", total=4_000) as advance:
        advance(1_000)
        advance(3_000)
        advance(1)
    assert "1,000 of 4,000" in bars[1]
    assert "4,000 of 4,000" in bars[2]
    assert "Labeling" in reporter.timings


def test_a_step_does_not_flood_the_browser(bars):
    reporter = PageProgress()
    with reporter, reporter.step("Labeling", total=10**6) as advance:
        for _ in range(1_000):
            advance(1)
    assert len(bars) < 100


def test_the_files_of_a_session_go_with_it(mall_csv):
    session = Session()
    folder = session.folder
    (folder / "upload.csv").write_bytes(mall_csv)
    other = Session()
    assert other.folder != folder
    del session
    gc.collect()
    assert not folder.exists()
    assert other.folder.is_dir()


def test_two_people_share_nothing(arrive, mall_csv):
    one, two = arrive(), arrive()
    one.upload("mall.csv", mall_csv).go("Choose").at.slider[0].set_value(3).run()
    two.go("Choose")
    assert two.session.table is None
    assert not two.at.slider
    assert one.session.folder != two.session.folder
    assert st.session_state.to_dict().get("ilk") is None
