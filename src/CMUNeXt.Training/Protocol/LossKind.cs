namespace CMUNeXt.Training.Protocol;

/// <summary>The losses of masks.</summary>
public enum LossKind
{
    /// <summary>0.5 x cross-entropy + Dice loss.</summary>
    CrossEntropyDice,

    /// <summary>Cross-entropy alone.</summary>
    CrossEntropy,

    /// <summary>Dice loss alone.</summary>
    Dice,

    /// <summary>Cross-entropy + Dice loss of all images of a batch together, so that an empty mask has a gradient too.</summary>
    CrossEntropyBatchDice,
}
