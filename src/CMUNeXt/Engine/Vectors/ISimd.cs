namespace CMUNeXt.Engine.Vectors;

/// <summary>
/// What the kernels need of an instruction set. Feature maps keep their channels in channel blocks, so that every width sees the same
/// layout: a vector of 16 lanes holds a channel block of two pixels, one of 8 lanes a channel block, one of 4 lanes half a channel block.
/// </summary>
internal unsafe interface ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Values in a vector: 4, 8 or 16.</summary>
    static abstract int Lanes { get; }

    /// <summary>Pixels are multiplied in groups of this many, a multiple of every micro-kernel's rows.</summary>
    static abstract int Rows { get; }

    /// <summary>The channel blocks of the output that the widest micro-kernel computes at once.</summary>
    static abstract int PanelBlocks { get; }

    static abstract TVector Load(float* source);

    /// <summary>Brings a cache line near, where the processor can be told to.</summary>
    static abstract void Prefetch(float* address);

    static abstract void Store(TVector value, float* target);

    /// <summary>Sixteen lanes: eight values from each place. Fewer lanes: the first place alone.</summary>
    static abstract TVector LoadPair(float* first, float* second);

    /// <summary>Sixteen lanes: eight values to each place. Fewer lanes: the first place alone.</summary>
    static abstract void StorePair(TVector value, float* first, float* second);

    static abstract TVector Create(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>The larger; where one of them is not a number it is the second, so that max(0, x) hides nothing.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The values where the condition is above 0, zeros elsewhere.</summary>
    static abstract TVector WherePositive(TVector condition, TVector value);

    /// <summary>a b + c, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c - a b, likewise.</summary>
    static abstract TVector MultiplySubtract(TVector a, TVector b, TVector c);

    /// <summary>
    /// Puts the exact GELU, x times the normal distribution function of x, in place of each value; a multiple of 16 of them.
    /// </summary>
    static abstract void Gelu(float* values, nint count);

    /// <summary>target = GELU(source) x scale + shift; a multiple of 16 values, and sixteen scales and shifts.</summary>
    static abstract void GeluAffine(float* source, float* target, nint count, float* scale, float* shift);

    /// <summary>
    /// target = GELU'(x) (a gradient + b GELU(x) + c): back through a GELU and the normalization behind it; a multiple of 16 values, and
    /// sixteen of a, b and c.
    /// </summary>
    static abstract void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c);
}
