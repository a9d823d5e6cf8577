using System.Text.Json.Serialization;

namespace CMUNeXt.Backends;

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov, Hutter, 2019), beta 0.9 and 0.999, epsilon 1e-8.</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,
}
