using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class CasesAtOnceTests
{
    private static readonly Case[] Cases = [.. "abc".Select(static name => new Case($"{name}", $"{name}.png", []))];

    [Fact]
    public void Of_several_that_cannot_be_read_the_first_in_the_list_is_told_of()
    {
        // The first fails after the last, where two are read at once.
        using ManualResetEventSlim failed = new();
        BadFileException e = Assert.Throws<BadFileException>(() => CasesAtOnce.Read<int>(Cases, Read, threads: 2));
        Assert.Equal("a.png", e.Path);

        int Read(Case one)
        {
            if (one.Name == "a")
            {
                failed.Wait(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }
            else
            {
                failed.Set();
            }

            throw new BadFileException(one.ImagePath, "is broken");
        }
    }

    [Fact]
    public void What_is_read_stands_in_the_order_of_the_cases()
    {
        Assert.Equal(
            ["a", "b", "c"],
            CasesAtOnce.Read(Cases, static one => one.Name, threads: 2, cancellation: TestContext.Current.CancellationToken));
    }
}
