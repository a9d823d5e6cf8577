using System.Runtime.CompilerServices;
using CMUNeXt.Backends;
using CMUNeXt.Onnx;
using CMUNeXt.Torch;

namespace CMUNeXt.Cli.Tests;

/// <summary>The tests of this project have every backend.</summary>
internal static class AllBackends
{
    [ModuleInitializer]
    internal static void Add()
    {
        BackendRegistry.Add(new TorchBackend());
        BackendRegistry.Add(new OnnxBackend());
    }
}
