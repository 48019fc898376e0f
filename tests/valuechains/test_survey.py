"""Stratified expansion: by hand, against a survey library, by repeated sampling."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuechains.core.errors import DataError
from valuechains.indicators import survey

ANSWERS = {"a": [10, 12, 14, 20, 24], "b": [100, 140, 90]}
FRAME = pd.Series({"a": 50, "b": 8})


def asked(answers):
    rows = [(name, y) for name, values in answers.items() for y in values]
    return pd.DataFrame(rows, columns=["stratum", "y"]).astype({"y": float})


def test_two_strata_by_hand():
    out = survey.expand(asked(ANSWERS), FRAME, "y")
    # a: mean 80/5 = 16, total 50 × 16 = 800; deviations −6 −4 −2 4 8: s² = 136/4 = 34;
    # g = 50 × 45 / 5 = 450, variance 450 × 34 = 15,300.
    # b: mean 110, total 880; deviations −10 30 −20: s² = 1,400/2 = 700; g = 8 × 5 / 3 = 40/3,
    # variance 9,333.3.
    assert out.loc["a", "total"] == pytest.approx(800)
    assert out.loc["a", "standard_error"] == pytest.approx(math.sqrt(15300))
    assert out.loc["b", "standard_error"] == pytest.approx(math.sqrt(28000 / 3))
    assert out.loc["all", "total"] == pytest.approx(1680)
    assert out.loc["all", "mean"] == pytest.approx(1680 / 58)
    assert out["degrees_of_freedom"].tolist()[:2] == [4, 2]
    # Satterthwaite: 24,633.3² / (15,300²/4 + 9,333.3²/2) = 606,801,111 / 102,078,055.6 = 5.9445
    assert out.loc["all", "degrees_of_freedom"] == pytest.approx(5.9445, abs=1e-4)
    # t(0.975; 4) = 2.776445 (tables), × 123.6932 = 343.43
    assert out.loc["a", "high"] - 800 == pytest.approx(343.43, abs=0.01)
    assert 800 - out.loc["a", "low"] == pytest.approx(343.43, abs=0.01)
    # t(0.9; 4) = 1.533206, × 123.6932 = 189.65
    # samplics 0.6.1, TaylorEstimator(PopParam.total), weights N/n, fpc 1 − n/N; its degrees of
    # freedom are n − strata = 6, ours are Satterthwaite's: the interval differs.
    assert out.loc["all", "standard_error"] == pytest.approx(156.9500982265807, rel=1e-12)
    at_80 = survey.expand(asked(ANSWERS), FRAME, "y", level=0.8)
    assert at_80.loc["a", "high"] - 800 == pytest.approx(189.65, abs=0.01)
    assert out[["firms", "asked", "answered"]].loc["all"].tolist() == [58, 8, 8]


@pytest.mark.parametrize(
    ("level", "degrees", "t"),
    [  # printed tables of Student's t, both sides
        (0.95, 1, 12.7062), (0.95, 2, 4.302653), (0.9, 5, 2.015048), (0.99, 10, 3.169273),
        (0.95, 30, 2.042272), (0.999, 120, 3.373454), (0.95, 1e6, 1.959966),
        (0.95, 5.9445, 2.452460),  # scipy 1.18, stdtrit
    ],
)  # fmt: skip
def test_quantiles_of_students_t(level, degrees, t):
    assert survey.t_quantile(level, degrees) == pytest.approx(t, rel=1e-5)


@given(st.floats(0.01, 0.999))
def test_quantiles_in_closed_form(level):
    assert survey.t_quantile(level, 1) == pytest.approx(math.tan(math.pi * level / 2))
    assert survey.t_quantile(level, 2) == pytest.approx(level * math.sqrt(2 / (1 - level**2)))


def test_asked_in_full_has_no_error():
    out = survey.expand(asked({"a": [1, 2, 3], "b": [7]}), pd.Series({"a": 3, "b": 1}), "y")
    assert out["total"].tolist() == [6, 7, 13]
    assert out["standard_error"].tolist() == [0, 0, 0]
    assert out["low"].tolist() == out["high"].tolist() == [6, 7, 13]
    assert out["degrees_of_freedom"].isna().all()


def test_a_full_stratum_leaves_the_error_of_the_other():
    out = survey.expand(asked(ANSWERS), pd.Series({"a": 50, "b": 3}), "y")
    assert out.loc["all", "total"] == pytest.approx(800 + 330)
    assert out.loc["all", "standard_error"] == pytest.approx(math.sqrt(15300))
    assert out.loc["all", "degrees_of_freedom"] == pytest.approx(4)


def test_missing_answers_are_counted_and_not_zero():
    sample = asked({"a": [10, 12, math.nan, 14, 20, 24, math.nan], "b": ANSWERS["b"]})
    out = survey.expand(sample, FRAME, "y")
    assert (out.loc["a", "asked"], out.loc["a", "answered"]) == (7, 5)
    plain = survey.expand(asked(ANSWERS), FRAME, "y")
    assert out.loc["a", "total"] == plain.loc["a", "total"]
    assert out.loc["a", "standard_error"] == plain.loc["a", "standard_error"]


@pytest.mark.parametrize(
    ("answers", "frame", "message"),
    [
        ({"a": [1, 2], "c": [3]}, {"a": 5, "b": 5}, "no stratum 'c' in the frame"),
        ({"a": [1, 2]}, {"a": 5, "b": 5}, "'b': no answer"),
        ({"a": [1, 2], "b": [math.nan] * 2}, {"a": 5, "b": 5}, "'b': no answer"),
        ({"a": [1, 2], "b": [4, math.nan]}, {"a": 5, "b": 5}, "'b': one answer of 5 firms"),
        ({"a": [1, 2, 3]}, {"a": 2}, "'a': 3 firms asked, it has 2"),
        ({"a": [1, math.inf]}, {"a": 2}, "y: inf is no figure"),
        ({"a": [1, 2]}, {"a": 2.5}, "'a': 2.5 firms, expected a whole number"),
        ({"a": [1, 2]}, {"a": math.nan}, "'a': nan firms"),
        ({"a": [1, 2]}, {"a": 5, "all": 3}, "none called 'all'"),
        ({}, {}, "the frame has no stratum"),
    ],
)
def test_refusals(answers, frame, message):
    with pytest.raises(DataError, match=message):
        survey.expand(asked(answers), pd.Series(frame, dtype=float), "y")


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_is_a_ratio(level):
    with pytest.raises(DataError, match="not between 0 and 1"):
        survey.expand(asked(ANSWERS), FRAME, "y", level=level)


figures = st.lists(st.floats(0, 1e4), min_size=2, max_size=8)


@given(figures, figures, st.integers(0, 40), st.integers(0, 40), st.floats(0.1, 50))
@settings(max_examples=40, deadline=None)
def test_estimates_scale_and_add_up(a, b, more_a, more_b, factor):
    sample = asked({"a": a, "b": b})
    frame = pd.Series({"a": len(a) + more_a, "b": len(b) + more_b})
    out = survey.expand(sample, frame, "y")
    scaled = survey.expand(sample.assign(y=sample["y"] * factor), frame, "y")
    for column in ("total", "low", "high"):
        assert np.allclose(scaled[column], out[column] * factor, rtol=1e-6, atol=1e-6)
    assert out.loc["all", "total"] == pytest.approx(out["total"].iloc[:2].sum())
    # The error of a sum lies between the largest error of a part and their sum.
    errors = out["standard_error"]
    assert errors.iloc[:2].max() <= errors["all"] * (1 + 1e-9) + 1e-9
    assert errors["all"] <= errors.iloc[:2].sum() * (1 + 1e-9) + 1e-9
    assert (out["low"] <= out["total"]).all() and (out["total"] <= out["high"]).all()
    # Degrees of freedom of the sum: at least those of the smaller stratum, at most of both.
    df = out["degrees_of_freedom"].dropna()
    if len(df) == 3:
        assert df.iloc[:2].min() - 1e-6 <= df["all"] <= df.iloc[:2].sum() + 1e-6


@pytest.mark.long
def test_intervals_hold_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(7)
    means = {"X, A": (240, 60), "X, B": (60, 35), "Y, A": (150, 90), "Z, A": (90, 150)}
    firms = pd.concat(
        pd.DataFrame({"stratum": name, "turnover": random.gamma(1.5, mean / 1.5, n)})
        for name, (n, mean) in means.items()
    )
    counts = firms.groupby("stratum").size()
    truth, rounds = firms["turnover"].sum(), []
    for _ in range(200):
        sample = firms.groupby("stratum").sample(frac=0.25, random_state=random)
        silent = random.random(len(sample)) > 0.8
        sample["turnover"] = sample["turnover"].mask(silent)
        rounds.append(survey.expand(sample, counts, "turnover").loc["all"])
    found = pd.DataFrame(rounds)
    # Of 200 intervals at 95 % the share that holds the truth has a standard error of 1.5 points.
    assert 0.91 <= ((found["low"] <= truth) & (truth <= found["high"])).mean() <= 0.99
    # One estimate is off by about 7.5 %, the mean of 200 by half a per cent.
    assert found["total"].mean() == pytest.approx(truth, rel=0.02)
    # What the estimator says of its error is what repeating the survey shows.
    assert found["total"].std() == pytest.approx(found["standard_error"].mean(), rel=0.15)
