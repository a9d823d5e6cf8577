using CMUNeXt.Dicom.Pixels;

namespace CMUNeXt.Dicom.Tests.Pixels;

/// <summary>Segments become the entries of a lookup table, or are refused.</summary>
public sealed class SegmentedTableTests
{
    // Two values, a line of two from the last of them, and the first segment again, which begins at byte 0.
    [Fact]
    public void Values_lines_and_earlier_segments_become_entries()
    {
        ushort[] entries = [10, 20, 30, 40, 10, 20];
        Assert.Equal(entries, SegmentedTable.Expand([0, 2, 10, 20, 1, 2, 40, 2, 1, 0, 0], entries.Length));
    }

    // In the last row a repetition alone comes to it: it stands at byte 20, where the table is full.
    [Theory]
    [InlineData(new ushort[] { 0, 0, 0, 2, 7, 8 })]
    [InlineData(new ushort[] { 0, 1, 7, 1, 0, 9, 0, 1, 8 })]
    [InlineData(new ushort[] { 0, 1, 7, 2, 1, 20, 0, 0, 1, 8, 0, 0 })]
    public void A_segment_of_no_entries_is_refused(ushort[] words) => Assert.Null(SegmentedTable.Expand(words, 2));
}
