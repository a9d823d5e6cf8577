namespace CMUNeXt.Training.Protocol;

/// <summary>What is done to an image and its mask before each use.</summary>
public enum AugmentationKind
{
    /// <summary>With probability 0.5 a rotation by a multiple of 90 degrees, then with probability 0.5 a flip.</summary>
    RotateFlip,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>What <see cref="TrainingProtocol.Ultrasound"/> says.</summary>
    Ultrasound,
}
