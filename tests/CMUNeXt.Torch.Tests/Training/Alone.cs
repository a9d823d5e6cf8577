namespace CMUNeXt.Torch.Tests.Training;

/// <summary>
/// Tests that nothing else may run beside: tensors are counted for the whole process, and the number of threads, which the last bits
/// of a result depend on, is a setting of the whole process too.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
