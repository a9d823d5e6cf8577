using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Computes the logits. A unit is a chunk of pixels of an image.</summary>
internal sealed unsafe class HeadForward<TSimd, TVector>(Head<TSimd, TVector> head) : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int Chunk = Head<TSimd, TVector>.Chunk;
    private const int ChunkBlockStride = Head<TSimd, TVector>.ChunkBlockStride;

    public override nint Scratch => (head.Input.Blocks + head.Forward.Room) * (nint)ChunkBlockStride;

    public override BatchSize Batch => head.Input.Batch;

    protected override int ImageUnits => head.Chunks;

    public override void Prepare() => head.Forward.Pack(WeightView.Of(head.Weight.Value, head.Weight.Shape[1], 1), head.Bias.Value);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        float* logits = scratch + (head.Input.Blocks * ChunkBlockStride);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / head.Chunks;
            nint first = (nint)(unit % head.Chunks) * Chunk;
            int count = (int)Math.Min(Chunk, head.Plane - first);
            for (int block = 0; block < head.Input.Blocks; block++)
            {
                head.Input.Read(block, (image * head.Plane) + first, count, scratch + (block * ChunkBlockStride));
            }

            head.Forward.Multiply<TSimd, TVector>(
                scratch, ChunkBlockStride, 0, logits, ChunkBlockStride, 0, 1, Chunk, (0, head.Input.Blocks), (0, head.Forward.Room), false);
            for (int output = 0; output < head.Outputs; output++)
            {
                float* source = logits + (output / 8 * ChunkBlockStride) + (output % 8);
                float* target = head.Logits.Data + ((((nint)image * head.Outputs) + output) * head.Plane) + first;
                for (int i = 0; i < count; i++)
                {
                    target[i] = source[i * 8];
                }
            }
        }
    }
}
