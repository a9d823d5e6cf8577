using System.Runtime.InteropServices;
using CMUNeXt.Torch.Native;

namespace CMUNeXt.Torch.Tests.Native;

public class SharedLibraryTests
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";

    [Fact]
    public void The_shipped_library_loses_its_one_import_of_the_new_version_and_nothing_else_changes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only the library for Linux is concerned.");
        byte[] shipped = File.ReadAllBytes(LibTorchLoader.FindShipped()!);
        SharedLibrary library = new((byte[])shipped.Clone());
        library.ReplaceImport(Version, Symbol, "tzset");

        // Flags of the version (2 bytes), version of the symbol (2), its name: nothing else.
        int changed = shipped.Zip(library.Content.ToArray()).Count(pair => pair.First != pair.Second);
        Assert.InRange(changed, 3, 4 + Symbol.Length);
        Assert.Throws<InvalidDataException>(() => library.ReplaceImport(Version, Symbol, "tzset"));
    }

    [Fact]
    public void What_the_library_does_not_import_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only the library for Linux is concerned.");
        SharedLibrary library = new(File.ReadAllBytes(LibTorchLoader.FindShipped()!));
        Assert.Throws<InvalidDataException>(() => library.ReplaceImport("GLIBCXX_9.9.9", Symbol, "tzset"));

        // Many symbols are of this version: taking one away would not do.
        Assert.Throws<InvalidDataException>(() => library.ReplaceImport("GLIBCXX_3.4", Symbol, "tzset"));
        Assert.Throws<InvalidDataException>(() => new SharedLibrary("#!/bin/sh\n"u8.ToArray()));
    }

    [Fact]
    public void In_a_program_of_a_single_file_the_library_is_looked_for_beside_the_program()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only the library for Linux is concerned.");
        Assert.Equal(LibTorchLoader.FindShipped(), LibTorchLoader.FindShipped(""));
    }

    [Fact]
    public void The_native_library_works_and_its_exceptions_arrive()
    {
        // The first use of the assembly registers its loader; TorchSharp alone would not find its library on an older system.
        Assert.NotNull(LibTorchLoader.FindShipped());
        using TorchSharp.torch.Tensor two = TorchSharp.torch.ones(2);
        Assert.Equal(2, two.sum().item<float>());
        ExternalException failure = Assert.Throws<ExternalException>(() => two.reshape(3));
        Assert.Contains("invalid for input of size 2", failure.Message, StringComparison.Ordinal);
    }
}
