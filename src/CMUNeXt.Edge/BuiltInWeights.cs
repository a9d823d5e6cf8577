using System.Buffers;
using CMUNeXt.Weights;

namespace CMUNeXt.Edge;

/// <summary>The weight file inside the program.</summary>
internal static class BuiltInWeights
{
    /// <summary>Loads it; the tensors stay where they lie in the program.</summary>
    public static unsafe LoadedWeights Load()
    {
        UnmanagedMemoryStream stream = (UnmanagedMemoryStream)typeof(BuiltInWeights).Assembly.GetManifestResourceStream("weights.safetensors")!;
        return WeightsFile.Load("built-in weights", new ProgramMemory(stream.PositionPointer, (int)stream.Length).Memory);
    }

    /// <summary>Memory of the program's own image, which is there as long as it runs.</summary>
    private sealed unsafe class ProgramMemory(byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
