using System.Buffers;
using CMUNeXt.Weights;

namespace CMUNeXt;

/// <summary>The trained weights that come with the product: <c>Segmenter.Load(Pretrained.BreastUltrasound)</c>.</summary>
public static class Pretrained
{
    private static readonly Lazy<LoadedWeights> Loaded = new(Load);

    /// <summary>
    /// CMUNeXt-S for breast lesions in ultrasound images: one class, a sigmoid. Trained on BUSI (Al-Dhabyani W., Gomaa M., Khaled H.,
    /// Fahmy A., "Dataset of breast ultrasound images", Data in Brief 28 (2020) 104863). What it can do and what it cannot is in its
    /// metadata and in the model card, <c>docs/model-card.md</c>. Research software: not a medical device, and not for diagnosis.
    /// </summary>
    public static LoadedWeights BreastUltrasound => Loaded.Value;

    // The tensors stay where they lie in the program.
    private static unsafe LoadedWeights Load()
    {
        UnmanagedMemoryStream stream = (UnmanagedMemoryStream)typeof(Pretrained).Assembly.GetManifestResourceStream("weights.safetensors")!;
        return WeightsFile.Load("breast-ultrasound.safetensors (built in)", new ProgramMemory(stream.PositionPointer, (int)stream.Length).Memory);
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
