namespace CMUNeXt.Files.Tests;

public sealed class ScratchFolderTests
{
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

        Assert.False(Directory.Exists(path));
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
    public void A_folder_that_another_start_has_removed_is_given_back_in_peace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What is open is not removed here.");
        using ScratchFolder folder = ScratchFolder.Create("test");
        Directory.Delete(folder.Path, recursive: true);
    }
}
