"""The words in a column's name that show what the column holds.

Names are split into lower-case words ("CustomerID", "customer_id" and "Customer Id" are all
``customer id``). The lists are English, like the headers of most customer files; a column named in
another language is judged by its values alone, and every decision can be overridden.
"""

from __future__ import annotations

import re

from ilk.formatting.text import split_words

_PERSON = (
    "customer|client|cust|user|member|person|shopper|buyer|subscriber|patient|guest|donor|visitor"
    "|consumer|passenger"
)
_HOLDER = f"{_PERSON}|contact|household|account|acct|card|loyalty|company|employee"
_NUMBER = "id|ids|no|nr|num|number"
_THING = "record|order|invoice|transaction|row|serial|reference"

CUSTOMER_ID_NAME = re.compile(rf"id|uuid|guid|({_PERSON})(uuid|guid|{_NUMBER})")
"""Names, written as one word, of a column that identifies the customer and nothing else."""

ID_NAME = re.compile(
    rf"unnamed\d*|index|sno|email|emailaddress|mail|phone|telephone|mobile|ssn|iban|passport|name"
    rf"|fullname|firstname|lastname|surname|address|{_PERSON}|row"
    rf"|({_HOLDER}|{_THING}|phone|mobile)?({_NUMBER}|uuid|guid|key|code|ref|reference|name)"
)
"""Names of a column that identifies something: the customer, if all values are different."""

LABEL_WORDS = frozenset(
    {
        *("id", "ids", "uuid", "guid", "email", "mail", "phone", "telephone", "mobile", "fax"),
        *("ssn", "iban", "passport", "zip", "zipcode", "postcode", "postal", "plz", "code", "sku"),
    }
)
"""Last words of columns whose numbers are labels, however many there are."""

SENSITIVE_WORDS = frozenset(
    {
        *("gender", "sex", "ethnicity", "ethnic", "race", "racial", "religion", "religious"),
        *("nationality", "citizenship", "caste", "disability", "disabled", "pregnancy", "pregnant"),
        *("political", "politics", "marital", "marriage", "married", "diagnosis", "disease", "hiv"),
        *("sexuality", "transgender", "immigration", "criminal"),
    }
)
"""Words of sensitive traits, which are used for segmentation only on request."""

SENSITIVE_NAMES = frozenset(
    {
        *("health", "health status", "health condition", "orientation", "sexual orientation"),
        *("union member", "union membership", "party", "party membership", "country of birth"),
        *("place of birth", "birth country", "birthplace"),
    }
)
"""Full names of such traits whose single words are common elsewhere."""

OUTCOME_WORDS = frozenset(
    {
        *("attrition", "attrited", "churn", "churned", "exited", "lapsed", "unsubscribed"),
        *("defaulted", "responded", "response", "converted", "conversion", "target"),
    }
)
"""Words of yes-or-no columns that hold an outcome."""

CODE_WORDS = frozenset(
    {
        *("region", "channel", "code", "type", "status", "class", "group", "store", "category"),
        *("segment", "zone", "education", "occupation", "marital", "settlement", "gender", "sex"),
        *("department", "dept", "branch", "plan", "tier", "area", "district", "state", "country"),
        *("city", "job", "profession", "industry", "sector", "brand", "race", "kind"),
        *("method", "territory", "division", "label", "flag", "ethnicity", "religion"),
    }
)
"""Words of columns whose integers are codes."""

COUNT_WORDS = frozenset(
    {
        *("count", "counts", "number", "num", "cnt", "ct", "month", "months", "mon", "year"),
        *("years", "yr", "yrs", "day", "days", "week", "weeks", "hour", "hours", "score", "rating"),
        *("qty", "quantity", "per", "age", "children", "child", "kids", "visits", "purchases"),
        *("orders", "items", "total", "times", "frequency", "recency", "tenure", "kidhome"),
        *("teenhome", "dependents", "products", "calls", "complaints", "returns", "amount"),
        *("income", "spend", "spending", "units", "rooms", "cars", "pets", "members", "persons"),
        *("points", "avg", "average", "mean", "sum", "rate", "ratio", "share", "percent"),
    }
)
"""Words of columns whose integers count or measure something."""

MONEY_WORDS = frozenset(
    {
        *("amount", "amt", "income", "salary", "revenue", "sales", "spend", "spending", "spent"),
        *("price", "cost", "value", "balance", "bal", "limit", "credit", "debit", "total", "paid"),
        *("payment", "profit", "margin", "turnover", "wage", "earnings", "budget", "monetary"),
        *("purchase", "purchases", "dollars", "usd", "eur", "gbp", "worth", "assets", "savings"),
    }
)
"""Words of amounts, which may differ in every row without being an ID."""

QUANTITY_WORDS = frozenset({"quantity", "qty", "units", "items", "cds"}) | MONEY_WORDS
"""Words of quantities that an order log adds up."""

DATE_WORDS = frozenset({"date", "day", "dt", "dob", "birthday", "birthdate", "time", "timestamp"})
"""Words of columns whose eight-digit numbers are dates."""

MODEL_OUTPUT_WORDS = frozenset(
    {
        *("classifier", "bayes", "predict", "predicted", "prediction", "predictions"),
        *(
            "probability",
            "proba",
            "prob",
            "propensity",
            "logit",
            "logistic",
            "xgboost",
            "lightgbm",
            "catboost",
        ),
        *("posterior", "softmax", "cluster", "clusters", "kmeans", "segmentation", "pred"),
    }
)
"""Words of columns that an earlier model made."""


def _split_name(name: str) -> list[str]:
    return [word.casefold() for word in split_words(name, split_digits=True)]


def join_name_words(name: str) -> str:
    """A column name as one lower-case word.

    Examples
    --------
    >>> join_name_words("client number")
    'clientnumber'
    """
    return "".join(_split_name(name))


def is_customer_id_name(name: str) -> bool:
    """Whether the name is that of a customer ID."""
    return CUSTOMER_ID_NAME.fullmatch(join_name_words(name)) is not None


def is_id_name(name: str) -> bool:
    """Whether the name is that of an ID, of customers or of something else.

    Examples
    --------
    >>> [name for name in ("CLIENTNUM", "Account No", "email", "Age") if is_id_name(name)]
    ['CLIENTNUM', 'Account No', 'email']
    """
    return is_customer_id_name(name) or ID_NAME.fullmatch(join_name_words(name)) is not None


def is_label_name(name: str) -> bool:
    """Whether the name is that of labels, even if these are numbers.

    Examples
    --------
    >>> is_label_name("store_id"), is_label_name("Zip code"), is_label_name("Zip code count")
    (True, True, False)
    """
    words = _split_name(name)
    return bool(words) and words[-1] in LABEL_WORDS


def is_sensitive_name(name: str) -> bool:
    """Whether the name is that of a sensitive trait.

    Examples
    --------
    >>> [name for name in ("Gender", "Marital status", "Age") if is_sensitive_name(name)]
    ['Gender', 'Marital status']
    """
    words = _split_name(name)
    return not SENSITIVE_WORDS.isdisjoint(words) or " ".join(words) in SENSITIVE_NAMES


def is_code_name(name: str) -> bool:
    """Whether the name is that of codes: the last word of either list decides.

    Examples
    --------
    >>> is_code_name("Age group"), is_code_name("Store visits"), is_code_name("Settlement size")
    (True, False, True)
    """
    known = [word for word in _split_name(name) if word in CODE_WORDS or word in COUNT_WORDS]
    return bool(known) and known[-1] in CODE_WORDS


def is_count_name(name: str) -> bool:
    """Whether the name is that of counts or measurements.

    Examples
    --------
    >>> is_count_name("Dependent_count"), is_count_name("Region")
    (True, False)
    """
    return not is_code_name(name) and not COUNT_WORDS.isdisjoint(_split_name(name))


def has_word(name: str, vocabulary: frozenset[str]) -> bool:
    """Whether one of the words of a name is in a vocabulary.

    Examples
    --------
    >>> has_word("Annual Income (k$)", MONEY_WORDS)
    True
    """
    return not vocabulary.isdisjoint(_split_name(name))
