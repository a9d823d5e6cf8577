"""Reference values of the paired comparison, computed with NumPy alone.

    comparison.py > ../CMUNeXt.Training.Tests/Resampling/reference.json

Two sets of values of 40 cases of 12 patients, one value undefined in each; resamples and permutations are given with the values, and the
limits that very many of them have, with the Monte-Carlo error of as many as the program draws.
"""

import json

import numpy

UNITS = 12
CASES = 40
RESAMPLES = 2000
PERMUTATIONS = 10000

generator = numpy.random.default_rng(19)
units = numpy.concatenate((numpy.arange(UNITS), generator.integers(0, UNITS, CASES - UNITS)))
patient = generator.normal(0, 0.1, UNITS)
first = numpy.clip(0.6 + patient[units] + generator.normal(0, 0.1, CASES), 0, 1)
second = numpy.clip(first + 0.02 + generator.normal(0, 0.06, CASES), 0, 1)
first[7] = numpy.nan
second[20] = numpy.nan


def interval(values, draws):
    """The percentile interval of the mean, each draw a list of patients."""
    sums = numpy.array([numpy.nansum(values[units == u]) for u in range(UNITS)])
    counts = numpy.array([numpy.sum(~numpy.isnan(values[units == u])) for u in range(UNITS)])
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    return numpy.percentile(means, [2.5, 97.5])


def probability(differences, flips):
    """The two-sided p of the sign-flip test, 1 added to both counts."""
    sums = numpy.array([numpy.nansum(differences[units == u]) for u in range(UNITS)])
    observed = abs(sums.sum())
    permuted = numpy.abs(numpy.where(flips, -sums, sums).sum(axis=1))
    return (1 + int(numpy.sum(permuted >= observed * (1 - 1e-12)))) / (1 + len(flips))


def holm(values):
    order = numpy.argsort(values)
    adjusted = numpy.empty(len(values))
    adjusted[order] = numpy.maximum.accumulate(numpy.minimum(1, numpy.sort(values) * numpy.arange(len(values), 0, -1)))
    return adjusted


def draw_units(count):
    return generator.integers(0, UNITS, (count, UNITS))


def draw_flips(count):
    return generator.random((count, UNITS)) < 0.5


differences = second - first
draws = draw_units(200)
flips = draw_flips(300)
ends = numpy.array([interval(differences, draw_units(RESAMPLES)) for _ in range(200)])
limit = probability(differences, draw_flips(400000))
p_values = [0.04, 0.001, 0.03, 0.2]


def listed(values):
    return [None if numpy.isnan(value) else float(value) for value in values]


print(json.dumps({
    "units": units.tolist(),
    "first": listed(first),
    "second": listed(second),
    "draws": draws.tolist(),
    "flips": flips.astype(int).tolist(),
    "mean_difference": float(numpy.nanmean(differences)),
    "interval_of_first": interval(first, draws).tolist(),
    "interval_of_difference": interval(differences, draws).tolist(),
    "p": probability(differences, flips),
    "limit_interval": interval(differences, draw_units(400000)).tolist(),
    "limit_interval_error": ends.std(axis=0, ddof=1).tolist(),
    "limit_p": limit,
    "limit_p_error": float(numpy.sqrt(limit * (1 - limit) / PERMUTATIONS)),
    "p_values": p_values,
    "p_values_holm": holm(numpy.array(p_values)).tolist(),
}))
