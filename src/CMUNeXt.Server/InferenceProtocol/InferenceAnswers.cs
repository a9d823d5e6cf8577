namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>Whether the server lives, and whether it is ready.</summary>
internal sealed record HealthAnswer(bool Live, bool Ready);

/// <summary>What the server is, and what it speaks beside the protocol.</summary>
internal sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

/// <summary>What a model takes and gives.</summary>
internal sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs,
        IReadOnlyList<TensorMetadata> Outputs);

/// <summary>Whether a model is ready.</summary>
internal sealed record ModelReady(string Name, bool Ready);

/// <summary>A model in the list of all.</summary>
internal sealed record RepositoryEntry(string Name, string Version, string State, string Reason)
{
    /// <summary>The entry of a model, which is always ready.</summary>
    public static RepositoryEntry Of(InferenceModel model) => new(model.Name, InferenceModels.Version, "READY", "");
}

/// <summary>The statistics of models.</summary>
internal sealed record StatisticsAnswer(IReadOnlyList<ModelStatisticsAnswer> ModelStats);

/// <summary>The JSON of an answer to a request for inference, as <see cref="InferenceResponse"/> writes it.</summary>
internal sealed record InferenceAnswer(
    string ModelName,
    string ModelVersion,
    IReadOnlyList<InferenceAnswerOutput> Outputs,
    string? Id = null);

/// <summary>A tensor in it: its values in JSON, or their number of bytes where they follow as binary data.</summary>
internal sealed record InferenceAnswerOutput(
    string Name,
    string Datatype,
    IReadOnlyList<int> Shape,
    BinaryDataParameters? Parameters = null,
    IReadOnlyList<double>? Data = null);

/// <summary>Where binary data follows.</summary>
internal sealed record BinaryDataParameters(int BinaryDataSize);
