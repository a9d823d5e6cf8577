using System.Text;

namespace CMUNeXt.Tests.Engine.Kernels;

/// <summary>
/// Writes src/CMUNeXt/Engine/Kernels/MatrixKernels.g.cs: the compiler keeps sums in registers only where each is a variable of its own,
/// so the micro-kernels are unrolled.
/// </summary>
internal static class MatrixKernelsTemplate
{
    private const string Head = """
        // Written by MatrixKernelsTemplate in the tests, which hold it to that.
        using System.Runtime.CompilerServices;
        using CMUNeXt.Engine.Vectors;

        namespace CMUNeXt.Engine.Kernels;

        /// <summary>
        /// The micro-kernels of matrix multiplication: the sums of a few pixels and one or two vectors of output channels stay in registers
        /// while the input channels go by, one pixel's value at a time multiplied with all of them. Sixteen registers hold 6 x 2 or 12 x 1
        /// sums, thirty-two 8 x 2 or 16 x 1.
        /// </summary>
        internal static unsafe class MatrixKernels<TSimd, TVector>
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {

        """;

    private const string Tail = """
            // A vector of sixteen lanes holds two channel blocks of outputs, one of eight a channel block, one of four half a channel
            // block.
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static TVector Load(float* c, nint stride, int vector)
            {
                float* first = c + (vector * TSimd.Lanes / 8 * stride) + (vector * TSimd.Lanes % 8);
                return TSimd.LoadPair(first, first + stride);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static void Store(TVector value, float* c, nint stride, int vector)
            {
                float* first = c + (vector * TSimd.Lanes / 8 * stride) + (vector * TSimd.Lanes % 8);
                TSimd.StorePair(value, first, first + stride);
            }
        }

        """;

    private static readonly (int Pixels, int Vectors)[] Shapes = [(8, 2), (16, 1), (6, 2), (12, 1), (8, 1)];

    /// <summary>The file's text.</summary>
    public static string Write() => Head + string.Concat(Shapes.Select(shape => Kernel(shape.Pixels, shape.Vectors) + "\n")) + Tail;

    private static string Kernel(int pixels, int vectors)
    {
        string[] letters = [.. "ab"[..vectors].Select(letter => letter.ToString())];
        IEnumerable<string> Sums(string letter) => Enumerable.Range(0, pixels).Select(pixel => $"c{pixel}{letter}");
        string Each(Func<int, int, string> line) =>
            string.Concat(
                Enumerable.Range(0, pixels).SelectMany(pixel => Enumerable.Range(0, vectors).Select(vector => line(pixel, vector) + "\n")));
        string Place(int pixel) => pixel == 0 ? "c" : $"c + {pixel * 8}";
        StringBuilder multiply = new();
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            string value = $"TSimd.Create(x[{(pixel == 0 ? "0" : pixel == 1 ? "TInput.PixelStride" : $"{pixel} * TInput.PixelStride")}])";
            if (vectors > 1)
            {
                multiply.Append($"                    {(pixel == 0 ? "TVector v" : "v")} = {value};\n");
                value = "v";
            }

            foreach (string letter in letters)
            {
                multiply.Append($"                    c{pixel}{letter} = TSimd.MultiplyAdd({value}, w{letter}, c{pixel}{letter});\n");
            }
        }

        string Vectors(string indent, Func<string, string> declare, string from) => string.Concat(letters.Select((letter, i) =>
            $"{indent}{declare(letter)} = TSimd.Load({from}{(i == 0 ? "" : " + TSimd.Lanes")});\n"));
        IEnumerable<string> sums = Enumerable.Range(0, pixels).SelectMany(pixel => letters.Select(letter => $"c{pixel}{letter}"));
        string start = Vectors("                ", letter => string.Join(" = ", Sums(letter)), "bias");
        multiply.Insert(0, Vectors("                    ", letter => $"TVector w{letter}", "w"));
        string store = Each((pixel, vector) => $"            Store(c{pixel}{letters[vector]}, {Place(pixel)}, stride, {vector});");
        return $$"""
                /// <summary>{{pixels}} pixels x {{(vectors == 1 ? "1 vector" : "2 vectors")}} of output channels at a time.</summary>
                [MethodImpl(MethodImplOptions.AggressiveOptimization)]
                public static void Run{{pixels}}x{{vectors}}<TInput>(in MatrixOperands m)
                    where TInput : IMatrixInput
                {
                    // Locals: the compiler cannot know that a store leaves the operands as they are.
                    nint rest = m.AGroup - TInput.Depth, stride = m.CBlockStride, aheadStride = m.AheadStride * sizeof(float);
                    nint* offsets = m.Offsets;
                    int groups = m.Groups, pixels = m.Pixels;
                    float* a = m.A, c = m.C, bias = m.Bias;
                    byte* ahead = (byte*)m.Ahead;
                    for (int pixel = 0; pixel < pixels; pixel += {{pixels}})
                    {
                        float* w = m.W;
                        TVector {{string.Join(", ", sums)}};
                        if (bias != null)
                        {
            {{start}}            }
                        else
                        {
            {{Each((pixel, vector) => $"                c{pixel}{letters[vector]} = Load({Place(pixel)}, stride, {vector});")}}            }

                        // The pointer walks, so that a pixel's place is a constant.
                        float* x = a;
                        for (int i = 0; i < groups; i++)
                        {
                            if (TInput.IsScattered)
                            {
                                x = a + offsets[i];
                            }

                            for (int k = 0; k < TInput.Depth; k++)
                            {
                                if (TInput.Prefetches)
                                {
                                    TSimd.Prefetch((float*)ahead);
                                    ahead += aheadStride;
                                }

            {{multiply}}                    w += {{(vectors == 1 ? "TSimd.Lanes" : $"{vectors} * TSimd.Lanes")}};
                                x++;
                            }

                            x += TInput.IsScattered ? 0 : rest;
                        }

            {{store}}            a += {{pixels}} * TInput.PixelStride;
                        c += {{pixels * 8}};
                    }
                }

            """;
    }
}
