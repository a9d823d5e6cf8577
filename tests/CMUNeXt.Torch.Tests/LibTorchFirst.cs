using System.Runtime.CompilerServices;

namespace CMUNeXt.Torch.Tests;

/// <summary>libtorch is loaded by CMUNeXt.Torch, which a test that begins with TorchSharp itself would not have touched yet.</summary>
internal static class LibTorchFirst
{
    [ModuleInitializer]
    internal static void Load() => RuntimeHelpers.RunModuleConstructor(typeof(TorchNetwork).Module.ModuleHandle);
}
