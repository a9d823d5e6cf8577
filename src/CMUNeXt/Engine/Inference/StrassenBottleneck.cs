using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// A bottleneck of many channels, both of whose products are <see cref="Strassen"/>'s: the pixels are halved, and all three kinds of
/// channels. The input's sums are made once, those of the hidden channels channel block by channel block together with their GELU, and the
/// parts of the second product are added up over all slices before they are joined.
/// </summary>
internal sealed unsafe class StrassenBottleneck<TSimd, TVector>(PackedMatrix[] expand, PackedMatrix[] project) : Bottleneck<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Channel blocks of each half of the hidden channels in a slice; a multiple of every panel.
    private const int SliceBlocks = 16;

    // A cache line between channel blocks: powers of two apart, those of the seven parts would fall into the same places of the cache.
    private const int Gap = 16;

    public override int OutputBlocks => 2 * project[0].OutputBlocks;

    public override long MultiplyAdds => (expand.Sum(matrix => matrix.MultiplyAdds) + project.Sum(matrix => matrix.MultiplyAdds)) / 2;

    public override long Bytes => expand.Sum(matrix => matrix.Bytes) + project.Sum(matrix => matrix.Bytes);

    public override int PixelStep => 2 * TSimd.Rows;

    // Many, since there are more weights to be read than in a product as it stands.
    public override int Chunk => 8 * TSimd.Rows;

    public override nint Scratch(int pixels) =>
        ((4 * expand[0].Groups) + (Strassen.Products * (SliceBlocks + project[0].OutputBlocks))) * BlockStride(pixels);

    public override void Run(float* a, nint aBlockStride, int pixels, float* scratch, float* z, nint zBlockStride)
    {
        int half = pixels / 2;
        nint count = half * 8;
        nint blockStride = BlockStride(pixels);
        nint input = expand[0].Groups * blockStride;
        nint slice = SliceBlocks * blockStride;
        float* hidden = scratch + (4 * input);
        float* results = hidden + (Strassen.Products * slice);
        float* right = a + (expand[0].Groups * aBlockStride);
        for (int o = 0; o < expand[0].Groups; o++)
        {
            float* a1 = a + (o * aBlockStride);
            float* a2 = right + (o * aBlockStride);
            float* s = scratch + (o * blockStride);
            Strassen.Sums<TSimd, TVector>.Split(a1, a2, a1 + count, a2 + count, s, s + input, s + (2 * input), s + (3 * input), count);
        }

        float** factors = stackalloc float*[]
        {
            a, right, scratch, right + count, scratch + input, scratch + (2 * input), scratch + (3 * input),
        };
        nint result = project[0].OutputBlocks * blockStride;
        for (int first = 0; first < expand[0].OutputBlocks; first += SliceBlocks)
        {
            (int First, int Count) range = (first, Math.Min(SliceBlocks, expand[0].OutputBlocks - first));
            for (int i = 0; i < Strassen.Products; i++)
            {
                nint stride = i is 0 or 1 or 3 ? aBlockStride : blockStride;
                Multiply(expand, i, factors[i], stride, half, hidden + (i * slice), blockStride, (0, expand[i].Groups), range, add: false);
            }

            for (int o = 0; o < range.Count; o++)
            {
                Strassen.Sums<TSimd, TVector>.GeluBetweenProducts(hidden + (o * blockStride), slice, count);
            }

            for (int i = 0; i < Strassen.Products; i++)
            {
                (int, int) outputs = (0, project[i].OutputBlocks);
                Multiply(project, i, hidden + (i * slice), blockStride, half, results + (i * result), blockStride, range, outputs,
                    add: first > 0);
            }
        }

        for (int o = 0; o < project[0].OutputBlocks; o++)
        {
            float* z1 = z + (o * zBlockStride);
            float* z2 = z1 + (project[0].OutputBlocks * zBlockStride);
            Strassen.Sums<TSimd, TVector>.Join(results + (o * blockStride), result, z1, z2, z1 + count, z2 + count, count);
            TSimd.Gelu(z1, 2 * count);
            TSimd.Gelu(z2, 2 * count);
        }
    }

    private static nint BlockStride(int pixels) => (pixels / 2 * 8) + Gap;

    // While one of the seven matrices is multiplied with, the next is prefetched.
    private static void Multiply(
        PackedMatrix[] matrices,
        int product,
        float* a,
        nint aBlockStride,
        int pixels,
        float* c,
        nint cBlockStride,
        (int First, int Count) inputs,
        (int First, int Count) outputs,
        bool add) =>
        matrices[product].Multiply<TSimd, TVector, BlockInput>(
            a, aBlockStride, pixels, c, cBlockStride, inputs, outputs, add, product + 1 < Strassen.Products ? matrices[product + 1] : null);
}
