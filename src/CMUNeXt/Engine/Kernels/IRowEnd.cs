namespace CMUNeXt.Engine.Kernels;

/// <summary>What is done with the sums of an upsampled row before they are written.</summary>
internal interface IRowEnd
{
    /// <summary>Whether they begin with the bias and end with ReLU.</summary>
    static abstract bool IsActivated { get; }
}

/// <summary>The sums as they are: in training a normalization follows.</summary>
internal readonly struct PlainSums : IRowEnd
{
    public static bool IsActivated => false;
}

/// <summary>The bias, into which inference folds the normalization, and ReLU.</summary>
internal readonly struct BiasAndRelu : IRowEnd
{
    public static bool IsActivated => true;
}
