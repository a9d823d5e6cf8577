using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class ScratchFolderTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder aside = new();

    public void Dispose() => aside.Dispose();

    [Fact]
    public void A_folder_is_gone_after_its_use_with_all_that_is_in_it()
    {
        string path;
        using (ScratchFolder folder = ScratchFolder.Create("test"))
        {
            path = folder.Path;
            Directory.CreateDirectory(Path.Combine(path, "inner"));
            File.WriteAllText(Path.Combine(path, "inner", "image.dcm"), "of a patient");
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_and_what_somebody_holds_or_is_about_to_hold_stays()
    {
        string left = Directory.CreateTempSubdirectory("cmunext-test-").FullName;
        File.WriteAllText(Path.Combine(left, "image.dcm.part"), "of a patient");
        string made = Directory.CreateTempSubdirectory("cmunext-test-").FullName;
        try
        {
            using ScratchFolder held = ScratchFolder.Create("test");
            File.WriteAllText(Path.Combine(left, ScratchFolder.LockName), "\u0001");
            File.WriteAllText(Path.Combine(made, ScratchFolder.LockName), "");
            ScratchFolder.RemoveAbandoned();
            Assert.False(Directory.Exists(left));
            Assert.True(Directory.Exists(held.Path));
            Assert.True(Directory.Exists(made));
        }
        finally
        {
            Directory.Delete(made, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_others_may_write_to_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no mode here.");
        string open = Directory.CreateTempSubdirectory("cmunext-test-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(open, ScratchFolder.LockName), "\u0001");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
            }

            ScratchFolder.RemoveAbandoned();
            Assert.True(Directory.Exists(open));
        }
        finally
        {
            Directory.Delete(open, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_another_start_has_removed_is_given_back_in_peace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What is open is not removed here.");
        using ScratchFolder folder = ScratchFolder.Create("test");
        Directory.Delete(Path.GetDirectoryName(folder.Path)!, recursive: true);
    }

    [Fact]
    public void What_a_removal_could_not_finish_goes_with_a_later_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Paths are of another length at most here.");
        string half = string.Join('/', Enumerable.Repeat(new string('x', 250), 9));
        Directory.CreateDirectory(aside.File("more", half));
        string path;
        string deep;
        using (ScratchFolder folder = ScratchFolder.Create("test"))
        {
            path = folder.Path;
            deep = Path.Combine(path, half);
            Directory.CreateDirectory(deep);

            // The innermost folder's path is longer than any that the system takes, so that it cannot be removed by it.
            Directory.Move(aside.File("more"), Path.Combine(deep, "more"));
        }

        Assert.True(Directory.Exists(path));
        Directory.Move(Path.Combine(deep, "more"), aside.File("more"));
        ScratchFolder.RemoveAbandoned();
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public async Task Links_which_this_program_does_not_make_are_passed_over()
    {
        string pipe = NamedPipe.At(aside.File("pipe"));
        string trap = Directory.CreateTempSubdirectory("cmunext-test-").FullName;
        string link = trap + "-link";
        try
        {
            SymbolicLink.ToFile(Path.Combine(trap, ScratchFolder.LockName), pipe);
            Directory.CreateDirectory(aside.File("target"));
            File.WriteAllText(aside.File("target", ScratchFolder.LockName), "\u0001");
            SymbolicLink.ToFolder(link, aside.File("target"));
            await Task.Run(ScratchFolder.RemoveAbandoned, TestContext.Current.CancellationToken)
                .WaitAsync(Longest, TestContext.Current.CancellationToken);
            Assert.True(Directory.Exists(trap));
            Assert.True(File.Exists(Path.Combine(link, ScratchFolder.LockName)));
        }
        finally
        {
            File.Delete(link);
            Directory.Delete(trap, recursive: true);
        }
    }
}
