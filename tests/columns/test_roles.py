from __future__ import annotations

import polars as pl
import pytest

from ilk.columns.roles import check_n_customers, infer_roles
from ilk.columns.summary import summarize, summarize_frame
from ilk.errors import InputError, UsageError
from ilk.recipe import Recipe
from ilk.tables.number_format import NumberFormat
from ilk.tables.source import open_source

N = 60


def judged(columns, **choices):
    """Schema by name, and notices, of a table given as columns."""
    schema, notices = infer_roles(
        summarize_frame(pl.DataFrame(columns), NumberFormat()), Recipe(**choices)
    )
    return {column.name: column for column in schema}, notices


def roles(columns, **choices):
    return {name: column.role for name, column in judged(columns, **choices)[0].items()}


def kinds(columns, **choices):
    return {name: column.kind for name, column in judged(columns, **choices)[0].items()}


def spend(n=N, *, step=7.5):
    return [str((i * i * step) % 991) for i in range(n)]


# The five real tables: every decision.


def of_file(path, **choices):
    surveyed = summarize(open_source(path))
    schema, notices = infer_roles(surveyed, Recipe(**choices))
    return {column.name: (column.kind, column.role) for column in schema}, schema, notices


ID, TRAIT = ("text", "id"), ("category", "describe")
NUMBER, GROUP = ("number", "feature"), ("category", "feature")
LEFT_OUT = ("number", "ignore")
MALL = {
    "CustomerID": ID,
    "Gender": TRAIT,
    "Age": NUMBER,
    "Annual Income (k$)": NUMBER,
    "Spending Score (1-100)": NUMBER,
}


def test_the_mall(data_dir):
    assert of_file(data_dir / "Mall_Customers.csv")[0] == MALL


def test_the_mall_with_missing_cells(data_dir):
    decided, schema, _ = of_file(data_dir / "Mall_Customers_missing.csv")
    assert decided == MALL
    assert [column.missing for column in schema] == [0, 0, 9, 3, 0]


def test_credit_card_customers(data_dir):
    decided, schema, notices = of_file(data_dir / "BankChurners.csv")
    leftovers = [name for name in decided if name.startswith("Naive_Bayes")]
    assert decided == {
        "CLIENTNUM": ID,
        "Attrition_Flag": TRAIT,
        "Customer_Age": NUMBER,
        "Gender": TRAIT,
        "Dependent_count": NUMBER,
        "Education_Level": GROUP,
        "Marital_Status": TRAIT,
        "Income_Category": GROUP,
        "Card_Category": GROUP,
        "Months_on_book": NUMBER,
        "Total_Relationship_Count": NUMBER,
        "Months_Inactive_12_mon": NUMBER,
        "Contacts_Count_12_mon": NUMBER,
        "Credit_Limit": NUMBER,
        "Total_Revolving_Bal": NUMBER,
        "Avg_Open_To_Buy": LEFT_OUT,
        "Total_Amt_Chng_Q4_Q1": NUMBER,
        "Total_Trans_Amt": NUMBER,
        "Total_Trans_Ct": NUMBER,
        "Total_Ct_Chng_Q4_Q1": NUMBER,
        "Avg_Utilization_Ratio": NUMBER,
        **dict.fromkeys(leftovers, LEFT_OUT),
    }
    reason = {column.name: column.reason for column in schema}
    assert reason["Avg_Open_To_Buy"] == (
        "almost the same information as 'Credit_Limit' (correlation 0.996)"
    )
    assert len(leftovers) == 2
    for name in leftovers:
        assert reason[name] == "output of an earlier model, not a fact about the customer"
    assert {notice.column for notice in notices} == {"Avg_Open_To_Buy", *leftovers}
    assert schema.columns[5].missing == 1519  # "Unknown" stands for missing


def test_customers_described_by_codes(data_dir):
    decided, _, notices = of_file(data_dir / "segmentation_data.csv")
    assert decided == {
        "ID": ID,
        "gender": TRAIT,
        "Marital status": TRAIT,
        "Age": NUMBER,
        "Education": GROUP,
        "Income": NUMBER,
        "Occupation": GROUP,
        "Settlement size": GROUP,
    }
    message = next(notice.message for notice in notices if notice.code == "W_CODE")
    assert message.startswith("3 columns hold integers that look like codes")
    codes = ["Education", "Occupation", "Settlement size"]
    assert "use numeric=" + str(codes).replace("'", '"') in message
    named = next(notice.message for notice in notices if notice.code == "W_LABELS")
    assert named.startswith("the values of 'gender' and 'Marital status' are codes")


def test_wholesale_customers(data_dir):
    decided, _, notices = of_file(data_dir / "Wholesale_customers.csv")
    assert [name for name, both in decided.items() if both == GROUP] == ["Channel", "Region"]
    assert [name for name, both in decided.items() if both == NUMBER] == [
        *("Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen")
    ]
    assert [(notice.code, notice.column) for notice in notices] == [("W_CODE", None)]
    others = of_file(data_dir / "Wholesale_customers.csv", numeric=("Region",))
    assert others[0]["Region"] == NUMBER
    assert [(notice.code, notice.column) for notice in others[2]] == [("W_CODE", "Channel")]
    assert 'use numeric=["Channel"]' in others[2][0].message


@pytest.mark.thorough
def test_a_log_of_orders_is_recognized(data_dir):
    with pytest.raises(
        InputError, match=r"4,293 customer IDs appear more than once.*order log.*ilk\.orders"
    ) as caught:
        of_file(data_dir / "online_retail.csv.gz")
    assert caught.value.code == "E_DUPLICATE_IDS"
    assert "'12…'" in caught.value.message


# Ids.


@pytest.mark.parametrize(
    "name", ["id", "CustomerID", "customer_id", "CLIENTNUM", "Client number", "user no"]
)
def test_a_column_named_as_the_customers_id_is_the_id(name):
    table = {"spend": spend(), name: [str(1000 + 7 * i) for i in range(N)]}
    assert roles(table) == {"spend": "feature", name: "id"}


@pytest.mark.parametrize("name", ["email", "phone", "Account No", "reference", "key"])
def test_another_id_is_one_only_when_its_values_differ(name):
    different = {"spend": spend(), name: [f"{i:03}@x" for i in range(N)]}
    assert roles(different)[name] == "id"
    repeated = {"spend": spend(), name: [f"{i // 2:03}@x" for i in range(N)]}
    assert roles(repeated)[name] != "id"


def test_the_customers_own_id_comes_before_others():
    table = {"email": [f"a{i}@x" for i in range(N)], "customer_id": list(range(N)), "x": spend()}
    decided, _ = judged(table)
    assert decided["customer_id"].role == "id"
    assert (decided["email"].role, decided["email"].reason) == ("ignore", "another ID")


def test_text_that_differs_on_every_row_is_an_id_without_a_better_one():
    names = [f"shop {i}" for i in range(N)]
    assert roles({"label": names, "x": spend()})["label"] == "id"
    assert roles({"label": names, "id": range(N), "x": spend()})["label"] == "ignore"


def test_an_id_that_was_asked_for_is_the_id():
    decided, _ = judged({"code": range(N), "id": range(N), "x": spend()}, id="code")
    assert (decided["code"].role, decided["id"].role) == ("id", "ignore")


def test_leading_zeros_make_codes():
    codes = [f"{i % 30:05}" for i in range(N)]
    decided, notices = judged({"account type": codes, "x": spend()})
    assert (decided["account type"].kind, decided["account type"].role) == ("text", "ignore")
    assert notices[0].message.endswith('use numeric=["account type"]')


def test_numbers_that_differ_on_every_row_are_codes_unless_named_as_amounts():
    long = [200_000 + 13 * i * i for i in range(N)]
    short = [20_000 + 13 * i**3 % 7919 for i in range(N)]
    table = {"revenue": long, "x": spend()}
    assert roles(table) == {"revenue": "feature", "x": "feature"}
    decided, notices = judged({"id": range(N), "basket": range(N), "parcel": short, "x": spend()})
    assert decided["basket"].reason == "a serial number or code, different in every row"
    assert notices[0].message.endswith('use numeric=["basket"]')
    assert decided["parcel"].role == "feature"
    assert roles({"basket": long, "x": spend()}, numeric=("basket",))["basket"] == "feature"


def test_running_numbers_and_overlong_integers_are_codes():
    table = {"visit": range(5, N + 5), "serial": [2**60 + 3**i % 999 for i in range(N)]}
    decided, _ = judged({"id": range(N), **table, "x": spend()})
    assert decided["visit"].reason == "a serial number or code, different in every row"
    assert decided["serial"].role == "ignore"


def test_repeated_ids_are_refused_with_masked_examples():
    ids = [f"AB{i:03}" for i in range(N - 3)] + ["AB000", "AB001", "AB001"]
    with pytest.raises(
        InputError, match=r"2 customer IDs appear more than once, such as 'AB…' "
    ) as e:
        judged({"customer_id": ids, "x": spend()})
    assert e.value.code == "E_DUPLICATE_IDS"
    assert "AB00" not in str(e.value)
    assert "ilk.orders" not in str(e.value)
    assert roles({"customer_id": ids, "x": spend()}, ignore=("customer_id",))["x"] == "feature"


def test_repeated_ids_are_found_beyond_the_sample():
    ids = [f"{i:05}" for i in range(3000)] + ["00007"]
    frame = pl.DataFrame({"customer_id": ids, "x": spend(3001)})
    with pytest.raises(InputError, match="1 customer ID appears more than once"):
        infer_roles(summarize_frame(frame, NumberFormat(), sample_size=100), Recipe())


def test_blank_ids_are_refused_with_the_first_row():
    ids = [f"AB{i:03}" for i in range(N - 2)] + ["", None]
    with pytest.raises(InputError, match=r"2 rows have no customer ID.*row 59") as caught:
        judged({"customer_id": ids, "x": spend()})
    assert caught.value.code == "E_BLANK_ID"


def test_an_id_chosen_as_a_feature_stays_an_id():
    table = {"customer_id": range(N), "x": spend()}
    decided, notices = judged(table, features=("customer_id", "x"))
    assert {name: column.role for name, column in decided.items()} == {
        "customer_id": "id",
        "x": "feature",
    }
    assert notices[0].code == "W_ID_FEATURE"


# Numbers, codes, dates.


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("Region", [1, 2, 3], "category"),
        ("store_id", range(12), "category"),
        ("Age group", range(1, 7), "category"),
        ("Education", range(4), "category"),
        ("plan", [0, 1], "category"),
        ("Children", [0, 1, 2], "number"),
        ("Education_years", [9, 10, 11], "number"),
        ("Spending Score (1-3)", [1, 2, 3], "number"),
        ("basket", range(12), "number"),
        ("basket", [1, 5], "number"),
        ("Region", [1.5, 2.5], "number"),
        ("member", [True, False], "category"),
    ],
)
def test_whole_numbers_are_codes_or_counts(name, values, kind):
    values = list(values)
    table = {name: [values[i % len(values)] for i in range(N)], "x": spend()}
    assert kinds(table)[name] == kind
    assert kinds(table, numeric=(name,))[name] == "number"
    assert kinds(table, categorical=(name,))[name] == "category"
    text = {name: [str(value) for value in table[name]], "x": spend()}
    assert kinds(text)[name] == kind


def test_one_text_among_numbers_is_refused_with_row_and_ways_out():
    ages = [str(20 + i) for i in range(N)]
    ages[41] = "unknown to us, ask the branch in Springfield"
    way_out = r"row 42 contains 'unknown to us.*…'.*categorical=\[\"age\"\] or ignore=\[\"age\"\]"
    with pytest.raises(InputError, match=way_out) as caught:
        judged({"age": ages, "x": spend()})
    assert caught.value.code == "E_TEXT_IN_NUMBER"
    assert roles({"age": ages, "x": spend()}, ignore=("age",))["age"] == "ignore"
    assert roles({"age": ages, "x": spend()}, features=("x",))["age"] == "ignore"


def test_a_forced_number_refuses_any_text():
    plans = ["gold", "12"] * (N // 2)
    assert kinds({"plan": plans, "x": spend()})["plan"] == "category"
    with pytest.raises(InputError, match="row 1 contains 'gold'"):
        judged({"plan": plans, "x": spend()}, numeric=("plan",))


@pytest.mark.parametrize(
    "values",
    [
        [f"2024-03-{1 + i % 28:02}" for i in range(N)],
        [f"{1 + i % 28}/3/2024" for i in range(N)],
        [f"{1 + i % 28:02}.03.24 17:05" for i in range(N)],
        [f"{1 + i % 28} March 2024" for i in range(N)],
        [f"Mar {1 + i % 28}, 2024" for i in range(N)],
        [f"2024-03-{1 + i % 28:02}T10:00:00Z" for i in range(N)],
        [20240301 + i % 28 for i in range(N)],
        [None, *pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 28), eager=True)],
    ],
)
def test_dates_become_days(values):
    decided, notices = judged({"date": values, "x": spend()})
    column = decided["days since date"]
    assert (column.kind, column.role, column.source) == ("number", "feature", "date")
    assert [notice.code for notice in notices] == ["W_AS_OF"]


def test_eight_digits_that_are_no_dates_stay_numbers():
    values = [20249901 + i % 28 for i in range(N)]
    assert kinds({"date": values, "x": spend()})["date"] == "number"
    assert kinds({"turnover": [20240301 + i % 28 for i in range(N)], "x": spend()}) == {
        "turnover": "number",
        "x": "number",
    }


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [("inf", "E_INFINITE", "infinite"), ("-1e151", "E_TOO_LARGE", "-1e.151, which is too large")],
)
def test_numbers_that_no_distance_can_hold_are_refused(value, code, message):
    with pytest.raises(InputError, match=message) as caught:
        judged({"income": [*spend(N - 1), value], "x": spend()})
    assert caught.value.code == code
    assert "'income'" in str(caught.value)


# What shapes segments.


@pytest.mark.parametrize("name", ["Gender", "sex", "Marital_Status", "ethnicity", "Health status"])
def test_sensitive_traits_describe_unless_chosen(name):
    table = {name: ["aa", "bb", "cc"] * (N // 3), "x": spend()}
    assert roles(table)[name] == "describe"
    decided, notices = judged(table, features=(name, "x"))
    assert decided[name].role == "feature"
    assert [notice.code for notice in notices] == ["W_SENSITIVE"]


@pytest.mark.parametrize("name", ["Age", "Health & beauty spend", "Sextant", "Essex"])
def test_other_names_are_not_sensitive(name):
    assert roles({name: spend(), "x": spend(step=3.25)})[name] == "feature"


def test_categories_of_many_levels_are_left_out():
    table = {"few": [f"l{i % 20}" for i in range(N)], "many": [f"l{i % 21}" for i in range(N)]}
    decided, _ = judged(table)
    assert (decided["few"].role, decided["many"].role) == ("feature", "ignore")
    assert decided["many"].reason.startswith("a category with 21 different values")
    assert roles(table, features=("many",)) == {"few": "describe", "many": "feature"}


def test_a_feature_of_a_thousand_levels_is_refused():
    table = {"city": [f"c{i}" for i in range(1001)] * 2, "x": spend(2002)}
    assert roles(table)["city"] == "ignore"
    with pytest.raises(InputError, match="more than 1,000 different values") as caught:
        judged(table, features=("city",))
    assert caught.value.code == "E_TOO_MANY_LEVELS"


def test_constant_and_empty_columns_are_left_out():
    table = {
        "same": ["a", "a", ""] * (N // 3),
        "zero": [0] * N,
        "noise": [1e9 + i / 1000 for i in range(N)],
        "empty": ["n/a", None] * (N // 2),
        "sparse": ["3", "4", *[""] * (N - 2)],
        "x": spend(),
    }
    decided, notices = judged(table)
    assert {name for name, column in decided.items() if column.role == "ignore"} == {
        *("same", "zero", "noise", "empty")
    }
    codes = {(notice.code, notice.column) for notice in notices}
    assert {("W_LEFT_OUT", "empty"), ("W_LEFT_OUT", "noise"), ("W_MANY_MISSING", "sparse")} <= codes


def test_copies_are_left_out_in_favor_of_the_first():
    x = [float(value) for value in spend()]
    table = {
        "x": x,
        "cents": [100 * value for value in x],
        "minus": [-value for value in x],
        "nearly": [value + (-1) ** i * 30 for i, value in enumerate(x)],
        "loosely": [value + (-1) ** i * 90 for i, value in enumerate(x)],
        "plan": ["a", "b", "c"] * (N // 3),
        "Plan name": ["A", "B", "C"] * (N // 3),
    }
    decided, _ = judged(table)
    left_out = {name: column.reason for name, column in decided.items() if column.role == "ignore"}
    assert left_out.pop("nearly").startswith("almost the same information as 'x' (correlation 0.99")
    assert left_out == {
        "cents": "same information as 'x'",
        "minus": "same information as 'x'",
        "Plan name": "same information as 'plan'",
    }
    assert roles(table, features=("x", "cents"))["cents"] == "feature"


def test_missing_cells_do_not_hide_a_copy():
    x = [float(value) for value in spend()]
    gaps = [None if i % 10 == 3 else value for i, value in enumerate(x)]
    decided, _ = judged({"a": gaps, "b": gaps, "c": spend(step=2.25)})
    assert decided["b"].reason == "same information as 'a'"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("churn_probability", [i / N for i in range(N)]),
        ("Predicted class", ["a", "b"] * (N // 2)),
        ("kmeans cluster", [i % 5 for i in range(N)]),
        ("score_2_of_income_and_tenure_and_basket_with_5_trees", [i % 7 + 0.5 for i in range(N)]),
    ],
)
def test_results_of_earlier_models_are_left_out(name, values):
    table = {"income": spend(), "tenure": spend(step=2.25), "basket": spend(step=5.5)}
    decided, _ = judged({**table, name: values})
    assert decided[name].role == "ignore"
    assert "earlier model" in decided[name].reason


# What the user asks for.


def test_chosen_features_are_the_only_ones():
    table = {"id": range(N), "a": spend(), "b": spend(step=2.25), "Gender": ["f", "m"] * (N // 2)}
    decided, _ = judged(table, features=("b",), describe=("Gender",))
    assert {name: column.role for name, column in decided.items()} == {
        "id": "id",
        "a": "describe",
        "b": "feature",
        "Gender": "describe",
    }
    assert decided["a"].reason == "not among the columns chosen for this run"


@pytest.mark.parametrize("asked", ["features", "describe", "ignore", "numeric", "categorical"])
def test_unknown_columns_are_refused_with_the_nearest(asked):
    with pytest.raises(InputError, match=r"no column 'Incme'.*Did you mean 'Income'") as caught:
        judged({"Income": spend(), "Age": spend()}, **{asked: ("Incme",)})
    assert caught.value.code == "E_UNKNOWN_COLUMN"
    assert caught.value.place == f"{asked}="


def test_case_is_not_forgiven_but_spaces_are():
    assert roles({" Income ": spend(), "x": spend(step=2.25)}, describe=("Income",)) == {
        " Income ": "describe",
        "x": "feature",
    }
    with pytest.raises(InputError, match="no column 'income'"):
        judged({"Income": spend()}, id="income")


@pytest.mark.parametrize(
    "choices",
    [
        {"features": ("x",), "ignore": ("x",)},
        {"describe": ("x",), "features": ("x", "y")},
        {"numeric": ("x",), "categorical": ("x",)},
        {"id": "x", "ignore": ("x",)},
    ],
)
def test_one_column_cannot_be_two_things(choices):
    with pytest.raises(UsageError, match=r"'x' is named both by \w+= and by \w+=") as caught:
        judged({"x": spend(), "y": spend(step=2.25)}, **choices)
    assert caught.value.code == "E_CONFLICT"


def test_a_table_without_variation_is_refused_with_the_reasons():
    with pytest.raises(
        InputError, match=r"no column can be used for segmentation .*'a': .*the same"
    ) as e:
        judged({"id": range(N), "a": [1] * N, "b": ["x"] * N})
    assert e.value.code == "E_NO_FEATURES"


@pytest.mark.parametrize(("rows", "k", "needed"), [(19, "auto", 20), (19, 5, 20), (39, 20, 40)])
def test_too_few_customers_are_refused_with_both_numbers(rows, k, needed):
    with pytest.raises(InputError, match=rf"{rows} customers.*at least {needed}") as caught:
        check_n_customers(rows, Recipe(k=k))
    assert caught.value.code == "E_TOO_FEW_CUSTOMERS"
    check_n_customers(needed, Recipe(k=k))


def test_decisions_do_not_depend_on_the_order_of_rows(data_dir):
    frame = pl.read_csv(data_dir / "BankChurners.csv", infer_schema=False)
    in_order = infer_roles(summarize_frame(frame, NumberFormat()), Recipe())
    for sample in (200_000, 2000):
        turned = infer_roles(
            summarize_frame(frame[::-1], NumberFormat(), sample_size=sample), Recipe()
        )
        assert [column.role for column in turned[0]] == [column.role for column in in_order[0]]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("churned", ["yes", "no", "no"], "describe"),
        ("Attrition_Flag", ["Existing", "Gone", "Existing"], "describe"),
        ("Exited", ["0", "1", "0"], "describe"),
        ("response time", ["3.5", "1.25", "9"], "feature"),
        ("plan", ["basic", "gold", "basic"], "feature"),
    ],
)
def test_what_became_of_customers_only_describes(name, values, role):
    frame = pl.DataFrame({name: values * 20, "spend": [f"{i}.5" for i in range(60)]})
    schema, _ = infer_roles(summarize(open_source(frame)), Recipe())
    assert next(column.role for column in schema if column.name == name) == role


def test_a_table_made_of_categories_is_told_so(data_dir):
    _, _, notices = of_file(data_dir / "segmentation_data.csv")
    messages = [notice.message for notice in notices if notice.code == "W_CATEGORIES"]
    assert len(messages) == 1
    assert messages[0].startswith("3 of the 5 columns")
    assert "with describe=, or choose the number of segments with k=" in messages[0]
    for name in ("BankChurners.csv", "Mall_Customers.csv", "Wholesale_customers.csv"):
        _, _, others = of_file(data_dir / name)
        assert "W_CATEGORIES" not in {notice.code for notice in others}
