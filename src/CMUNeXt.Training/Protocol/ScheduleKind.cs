namespace CMUNeXt.Training.Protocol;

/// <summary>How the learning rate goes on.</summary>
public enum ScheduleKind
{
    /// <summary>The first learning rate x (1 - t / T)^0.9 after iteration t of T.</summary>
    Polynomial,

    /// <summary>The first learning rate x (1 + cos(pi t / T)) / 2 after iteration t of T.</summary>
    Cosine,

    /// <summary>Stays as it is.</summary>
    Constant,
}
