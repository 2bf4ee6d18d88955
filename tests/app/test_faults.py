"""What nobody foresaw: one sentence on the page, the particulars in the server's log alone."""

from __future__ import annotations

import pytest

SECRET = "s3cret in /home/somebody/customers.csv"
FAULTS = {
    "Data": "ilk.app.session.summarize_source",
    "Choose": "ilk.workflow.fit.fit_candidates",
    "Segments": "ilk.workflow.fit.finalize_run",
    "Predict": "ilk.app.prediction_form.make_input_fields",
    "Export": "ilk.workflow.run.Run.write",
}


@pytest.fixture
def prepared(request, arrive, owner):
    """A person who can go to the page at once, with the work of that page not done yet."""
    page = request.param
    if page in ("Predict", "Export"):
        return page, owner
    person = arrive()
    return page, person.take("mall") if page != "Data" else person


@pytest.mark.parametrize(
    ("prepared", "error"),
    [*((page, RuntimeError) for page in FAULTS), ("Data", MemoryError), ("Export", KeyError)],
    indirect=["prepared"],
)
def test_an_unforeseen_error_is_one_sentence(prepared, monkeypatch, caplog, error):
    page, person = prepared

    def fail(*_, **__):
        raise error(SECRET)

    with monkeypatch.context() as patch, caplog.at_level("ERROR", logger="ilk.app"):
        patch.setattr(FAULTS[page], fail)
        if page == "Data":
            person.take("mall")
        else:
            person.go(page)
    assert not person.at.exception
    assert len(person.refusals) == 1
    for hidden in (SECRET, "s3cret", "/home", "Traceback", error.__name__, "Error", ".py"):
        assert hidden not in person.said
    (record,) = [record for record in caplog.records if record.name == "ilk.app"]
    assert SECRET in record.getMessage()
    assert error.__name__ in record.getMessage()
    # It was the moment, not the session: the page works again.
    person.go(page)
    assert person.refusals == []


def test_a_bar_does_not_stay_where_the_work_failed(person, monkeypatch):
    person.take("mall")
    monkeypatch.setattr("ilk.workflow.fit.sweep_k", lambda *_, **__: 1 / 0)
    person.go("Choose")
    assert len(person.refusals) == 1
    assert not person.at.progress


def test_a_full_disk_gives_an_error_with_a_way_out(owner, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    owner.go("Export")
    assert not owner.at.exception
    assert owner.codes == ["E_OUTPUT_WRITE"]
    assert str(owner.session.folder) not in owner.said
