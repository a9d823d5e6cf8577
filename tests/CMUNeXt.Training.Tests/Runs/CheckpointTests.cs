using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Target => folder["checkpoint.safetensors"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_read_is_what_was_written_to_the_last_bit(bool withBest)
    {
        Checkpoint checkpoint = SomeRun.Checkpoint(withBest);
        checkpoint.Write(Target);
        SomeRun.AssertEqual(checkpoint, Checkpoint.Read(Target));
        Assert.Equal(["checkpoint.safetensors"], folder.Files());
    }

    [Fact]
    public void A_changed_byte_is_found_or_changes_nothing()
    {
        Checkpoint checkpoint = SomeRun.Checkpoint();
        checkpoint.Write(Target);
        byte[] content = File.ReadAllBytes(Target);
        int found = 0;
        for (int i = 0; i < content.Length; i++)
        {
            content[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(Target, content);
            try
            {
                SomeRun.AssertEqual(checkpoint, Checkpoint.Read(Target));
            }
            catch (BadFileException e)
            {
                Assert.StartsWith(Target + ": ", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
                found++;
            }

            content[i] ^= (byte)(1 << (i % 8));
        }

        Assert.True(found > content.Length * 9 / 10);
    }

    [Fact]
    public void A_file_that_is_cut_short_is_refused_wherever_it_ends()
    {
        SomeRun.Checkpoint().Write(Target);
        byte[] content = File.ReadAllBytes(Target);
        for (int length = 0; length < content.Length; length++)
        {
            File.WriteAllBytes(Target, content[..length]);
            Assert.Throws<BadFileException>(() => Checkpoint.Read(Target));
        }
    }

    [Fact]
    public void Weights_that_are_no_checkpoint_are_refused()
    {
        CMUNeXt.Weights.WeightsFile.Save(Target, SomeRun.State(1, 2));
        BadFileException e = Assert.Throws<BadFileException>(() => Checkpoint.Read(Target));
        Assert.Contains("checksum", e.Message, StringComparison.Ordinal);

        // Studies and suites have no --overwrite.
        Assert.Contains("remove its folder", e.Message, StringComparison.Ordinal);
    }
}
