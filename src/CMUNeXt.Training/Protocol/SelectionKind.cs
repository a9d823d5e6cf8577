namespace CMUNeXt.Training.Protocol;

/// <summary>
/// What chooses the best epoch. IoU, Dice, F1 and presence are those of the masks at the network's size, at a threshold of 0.5; a case in
/// which neither mask holds a class has no IoU, and what is found in a healthy image counts as 0.
/// </summary>
public enum SelectionKind
{
    /// <summary>The highest IoU as published, in which an empty mask of an empty case is 1.</summary>
    Published,

    /// <summary>The highest IoU.</summary>
    Iou,

    /// <summary>The highest Dice.</summary>
    Dice,

    /// <summary>The highest F1, within one case the same number as Dice.</summary>
    F1,

    /// <summary>The lowest loss.</summary>
    Loss,

    /// <summary>
    /// The highest mean of sensitivity and specificity of "something is found", an image with a lesion being a positive. It needs both
    /// kinds of images.
    /// </summary>
    Presence,

    /// <summary>Nothing: the last epoch is kept.</summary>
    Last,
}
