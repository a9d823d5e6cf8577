namespace CMUNeXt.Tests.Engine.Kernels;

/// <summary>
/// Writes src/CMUNeXt/Engine/Kernels/WeightGradientKernels.g.cs, unrolled as <see cref="MatrixKernelsTemplate"/> does its kernels.
/// </summary>
internal static class WeightGradientKernelsTemplate
{
    private const string Head = """
        // Written by WeightGradientKernelsTemplate in the tests, which hold it to that.
        using System.Runtime.CompilerServices;
        using CMUNeXt.Engine.Vectors;

        namespace CMUNeXt.Engine.Kernels;

        /// <summary>
        /// The micro-kernels of weight gradients: sums over pixels of the outer products of a channel block b with one to three vectors of
        /// the same pixel. The sums of each of the eight values stay in registers while the pixels go by.
        /// </summary>
        internal static unsafe class WeightGradientKernels<TSimd, TVector>
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {

        """;

    private const string RowParameters = "int rows, int columns, float* sums";

    private static readonly Kernel[] Kernels =
    [
        new("Rows8x1", "One vector of each pixel; the sums of a value stand a stride apart.")
        {
            Parameters = $"float* b, nint bRowStride, float* p, nint pRowStride, {RowParameters}, int stride",
            Vectors = ["TSimd.Load(p0)"],
            Place = static (value, _) => $"({value} * stride)",
            Rows = ["p"],
        },
        new("Columns8x2", "Three columns of the kernel of one block: two vectors, of which half of one is of no use; 48 sums of a value.")
        {
            Parameters = $"float* b, nint bRowStride, float* p, nint pRowStride, {RowParameters}",
            Vectors = ["TSimd.Load(p0)", "TSimd.Load(p0 + 16)"],
            Place = static (value, vector) => $"{(value * 48) + (vector * 32)}",
            Rows = ["p"],
        },
        new("Columns8x3", "Three columns of the kernel of two blocks: three vectors; 48 sums of a value.")
        {
            Parameters = $"float* b, nint bRowStride, float* p, float* q, nint pRowStride, {RowParameters}",
            Vectors = ["TSimd.Load(p0)", "TSimd.Load(q0)", "TSimd.LoadPair(p0 + 16, q0 + 16)"],
            Place = static (value, vector) => $"{(value * 48) + (vector * 16)}",
            Rows = ["p", "q"],
        },
        new("Blocks8x1", "Two blocks: one vector, of two pixels at a time, so that enough sums are under way; 32 sums of a value.")
        {
            Parameters = "float* b, float* p0, float* p1, int columns, float* sums",
            Vectors = ["TSimd.LoadPair(p0, p1)"],
            Place = static (value, _) => $"{value * 32}",
            Blocks = ["p0", "p1"],
            InPairs = true,
        },
        new("Blocks8x2", "Four blocks: two vectors; 32 sums of a value.")
        {
            Parameters = "float* b, float* p0, float* p1, float* p2, float* p3, int columns, float* sums",
            Vectors = ["TSimd.LoadPair(p0, p1)", "TSimd.LoadPair(p2, p3)"],
            Place = static (value, vector) => $"{(value * 32) + (vector * 16)}",
            Blocks = ["p0", "p1", "p2", "p3"],
        },
    ];

    /// <summary>The file's text.</summary>
    public static string Write() => Head + string.Join('\n', Kernels.Select(Method)) + "}\n";

    private static string Method(Kernel kernel)
    {
        string loop = kernel.InPairs ? Pairs(kernel) : kernel.Rows.Length > 0 ? Rows(kernel) : Pixels(kernel, kernel.Blocks);
        string store = Each(kernel, (value, letter, place) =>
            $"TSimd.Store({(kernel.InPairs ? $"TSimd.Add(s{value}, t{value})" : $"s{value}{letter}")}, sums + {place});\n");
        return $$"""
                /// <summary>{{kernel.Summary}}</summary>
                [MethodImpl(MethodImplOptions.AggressiveOptimization)]
                public static void {{kernel.Name}}({{kernel.Parameters}})
                {
            {{Indented(Indented(Begin(kernel) + loop + "\n" + store))}}    }

            """;
    }

    private static string Begin(Kernel kernel)
    {
        string second = kernel.InPairs ? "TVector zero = TSimd.Create(0);\n" : "";
        return second + string.Concat(Enumerable.Range(0, 8).Select(value => "TVector "
            + string.Join(", ", Letters(kernel).Select((letter, i) => $"s{value}{letter} = TSimd.Load(sums + {kernel.Place(value, i)})"))
            + (kernel.InPairs ? $", t{value} = zero;\n" : ";\n")));
    }

    private static string Rows(Kernel kernel) => $$"""
        for (int y = 0; y < rows; y++)
        {
            float* x = b, {{string.Join(", ", kernel.Rows.Select(static row => $"{row}0 = {row}"))}};
        {{Indented(Pixels(kernel, [.. kernel.Rows.Select(static row => $"{row}0")]))}}
            b += bRowStride;
        {{Indented(string.Concat(kernel.Rows.Select(static row => $"{row} += pRowStride;\n")))}}}

        """;

    private static string Pixels(Kernel kernel, string[] pointers)
    {
        string b = kernel.Rows.Length > 0 ? "x" : "b";
        string load = string.Concat(kernel.Vectors.Select((vector, i) => $"TVector v{Letters(kernel)[i]} = {vector};\n"));
        string[] walking = [b, .. pointers];
        return $$"""
            for (int i = 0; i < columns; i++)
            {
            {{Indented(load + Products(kernel, b) + string.Concat(walking.Select(static pointer => $"{pointer} += 8;\n")))}}}

            """;
    }

    private static string Pairs(Kernel kernel)
    {
        string vector = kernel.Vectors[0];
        string both = Each(kernel, static (value, _, _) =>
            $"s{value} = TSimd.MultiplyAdd(TSimd.Create(b[{value}]), v, s{value});\n"
            + $"t{value} = TSimd.MultiplyAdd(TSimd.Create(b[{value + 8}]), w, t{value});\n");
        string walk = string.Concat(((string[])["b", .. kernel.Blocks]).Select(static pointer => $"{pointer} += 16;\n"));
        string next = vector.Replace("p0", "p0 + 8", StringComparison.Ordinal).Replace("p1", "p1 + 8", StringComparison.Ordinal);
        return $$"""
            for (int i = columns / 2; i > 0; i--)
            {
                TVector v = {{vector}};
                TVector w = {{next}};
            {{Indented(both + walk)}}}

            if (columns % 2 == 1)
            {
                TVector v = {{vector}};
            {{Indented(Products(kernel, "b"))}}}

            """;
    }

    private static string Products(Kernel kernel, string b) => string.Concat(Enumerable.Range(0, 8).Select(value =>
    {
        string factor = $"TSimd.Create({b}[{value}])";
        string load = kernel.Vectors.Length == 1 ? "" : $"{(value == 0 ? "TVector f" : "f")} = {factor};\n";
        return load + string.Concat(Letters(kernel).Select(letter =>
            $"s{value}{letter} = TSimd.MultiplyAdd({(load.Length == 0 ? factor : "f")}, v{letter}, s{value}{letter});\n"));
    }));

    private static string Each(Kernel kernel, Func<int, string, string, string> line) => string.Concat(Enumerable.Range(0, 8).SelectMany(
        value => Letters(kernel).Select((letter, vector) => line(value, letter, kernel.Place(value, vector)))));

    private static string[] Letters(Kernel kernel) =>
        kernel.Vectors.Length == 1 ? [""] : [.. "abc"[..kernel.Vectors.Length].Select(static letter => $"{letter}")];

    private static string Indented(string text) =>
        string.Concat(text.TrimEnd('\n').Split('\n').Select(static line => line.Length == 0 ? "\n" : $"    {line}\n"));

    private sealed record Kernel(string Name, string Summary)
    {
        public required string Parameters { get; init; }

        public required string[] Vectors { get; init; }

        public required Func<int, int, string> Place { get; init; }

        // The pointers that go from row to row, or else those of channel blocks, which have one row.
        public string[] Rows { get; init; } = [];

        public string[] Blocks { get; init; } = [];

        public bool InPairs { get; init; }
    }
}
