using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class CaseSelectionTests
{
    [Fact]
    public void Many_cases_are_shown_by_their_worst_middle_and_best()
    {
        CaseResult[] cases = [.. Enumerable.Range(0, 41).Select(i => Results.Overlapping($"case{i * 17 % 41}", i * 17 % 41))];
        IReadOnlyList<CaseSelection> selections = CaseSelection.Of(cases);
        Assert.Equal(3, selections.Count);
        Assert.Equal(["case0", "case1", "case2", "case3", "case4", "case5"], selections[0].Cases.Select(c => c.Name));
        Assert.Equal(["case17", "case18", "case19", "case20", "case21", "case22"], selections[1].Cases.Select(c => c.Name));
        Assert.Equal(["case35", "case36", "case37", "case38", "case39", "case40"], selections[2].Cases.Select(c => c.Name));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(18, 1)]
    [InlineData(19, 3)]
    public void No_case_is_shown_twice(int count, int selections)
    {
        CaseResult[] cases = [.. Enumerable.Range(0, count).Select(i => Results.Overlapping($"case{i}", i))];
        IReadOnlyList<CaseSelection> selected = CaseSelection.Of(cases);
        Assert.Equal(selections, selected.Count);
        string[] names = [.. selected.SelectMany(s => s.Cases).Select(c => c.Name)];
        Assert.Equal(Math.Min(count, 18), names.Length);
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void Of_cases_without_overlap_the_one_with_most_wrong_pixels_is_the_worst() => Assert.Equal(
        ["large", "false positive", "small"],
        CaseSelection.Of(
        [
            Results.Drawn("small", "1.......", "........"), Results.Drawn("large", "1111....", "....1..."),
            Results.Drawn("false positive", "........", "111....."),
        ]).Single().Cases.Select(c => c.Name));

    [Fact]
    public void A_correctly_empty_case_has_no_rank() =>
        Assert.Equal(
            ["bad"], Assert.Single(
                CaseSelection.Of([Results.Drawn("empty", "..", ".."), Results.Drawn("bad", "11", "..")])).Cases.Select(c => c.Name));

    [Fact]
    public void Without_a_rank_nothing_is_shown() => Assert.Empty(CaseSelection.Of([Results.Drawn("empty", "..", "..")]));
}
