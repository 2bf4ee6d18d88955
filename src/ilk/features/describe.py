"""Treatments: what an encoder does to every feature, in sentences."""

from __future__ import annotations

from ilk.features.encoder import CategoricalEncoding, Encoder, NumericEncoding, PrincipalComponents
from ilk.formatting.numbers import format_count, format_percent

_MAX_SHARES_LISTED = 10  # so many components are told one by one


def describe_preprocessing(encoder: Encoder) -> tuple[str, ...]:
    """One sentence per feature, in the order of the encoder; one more where they are turned.

    Examples
    --------
    >>> age = NumericEncoding("Age", 36.0, None, None, False, center=38.85, scale=13.93)
    >>> describe_preprocessing(Encoder((age,)))
    ('Age: a missing value counts as 36; measured from 38.85 in steps of 13.93.',)
    """
    told = [
        _describe_numeric(column)
        if isinstance(column, NumericEncoding)
        else _describe_categorical(column)
        for column in encoder.columns
    ]
    if encoder.components is not None:
        told.append(_describe_components(encoder.components, len(encoder.encoded_names)))
    return tuple(told)


def _describe_numeric(column: NumericEncoding) -> str:
    steps = [
        "a row without a value gets no segment"
        if column.fill is None
        else f"a missing value counts as {column.fill:g}"
    ]
    if column.lower is not None and column.upper is not None:
        steps.append(f"values are held within {column.lower:g} and {column.upper:g}")
    if column.log:
        steps.append("the logarithm of 1 + value is taken, because the column is skewed")
    if (column.center, column.scale) != (0.0, 1.0):
        steps.append(f"measured from {column.center:.4g} in steps of {column.scale:.4g}")
    return f"{column.name}: {'; '.join(steps)}."


def _describe_components(components: PrincipalComponents, width: int) -> str:
    shares = ", ".join(map(format_percent, components.shares[:_MAX_SHARES_LISTED]))
    more = "" if len(components.shares) <= _MAX_SHARES_LISTED else " …"
    kept = format_count(len(components.shares), "principal component")
    return (
        f"All: {format_count(width, 'column')} turned onto {kept}, which "
        f"{'holds' if len(components.shares) == 1 else 'hold'} "
        f"{format_percent(components.explained_variance)} of the variance ({shares}{more})."
    )


def _describe_categorical(column: CategoricalEncoding) -> str:
    missing = "gets no segment" if column.required else "counts as none of them"
    return (
        f"{column.name}: one 0/1 column for each of {len(column.levels)} levels, "
        f"times {column.scale:.4g}; a row without a value {missing}."
    )
