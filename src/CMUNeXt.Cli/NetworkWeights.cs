using CMUNeXt.Engine;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Pictures;
using CMUNeXt.Torch;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli;

/// <summary>From a weight file to the network that it belongs to.</summary>
internal static class NetworkWeights
{
    /// <summary>Reads a weight file: safetensors or <c>.pth</c> whatever its name, or one of our ONNX models by its ending <c>.onnx</c>.</summary>
    public static LoadedWeights Load(string path) =>
        path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxFile.Read(path) : WeightsFile.Load(path);

    /// <summary>The network of a weight file: from its metadata, from the shapes of its tensors, or by the name that the user gives.</summary>
    /// <exception cref="BadFileException">The file leaves the network open, or the name contradicts it.</exception>
    public static NetworkDescription Describe(LoadedWeights weights, string? model)
    {
        NetworkDescription? described = NetworkCatalog.Recognise(weights.State);
        if (described is null)
        {
            throw new BadFileException(weights.Path, "holds the tensors of no network that is known here");
        }

        if (weights.Metadata?.Network is { } stated && (stated.Channels != described.Channels || stated.Outputs != described.Outputs))
        {
            throw new BadFileException(weights.Path, "its metadata states other channels or outputs than its tensors have");
        }

        return model is null || model == described.Name
            ? described
            : throw new BadFileException(weights.Path, $"holds a {described.Name}, not a {model}; leave out --model");
    }

    /// <summary>What the file says of itself; a file without metadata is taken to follow the published protocol.</summary>
    /// <exception cref="BadFileException">There are no metadata, and the protocol has no rule for so many channels.</exception>
    public static WeightsMetadata MetadataOf(LoadedWeights weights, NetworkDescription network)
    {
        if (weights.Metadata is null && network.Channels is not (1 or 3))
        {
            throw new BadFileException(weights.Path, $"has no metadata, and the published protocol is for 1 or 3 channels, not {network.Channels}");
        }

        return weights.Metadata ?? new WeightsMetadata { Network = network, Preprocessing = Preprocessing.For(network.Channels) };
    }

    /// <summary>Opens the network of a weight file with a backend.</summary>
    /// <exception cref="UsageException">There is no such backend or device.</exception>
    public static Network Open(NetworkDescription network, LoadedWeights weights, string backend, int? threads, string device)
    {
        try
        {
            return backend switch
            {
                "managed" or "onnxruntime" when device != "cpu" =>
                    throw new UsageException($"--backend {backend} computes on the cpu; for {device} take --backend torch"),
                "managed" => new ManagedNetwork(network, weights.State, threads),
                "onnxruntime" => new OnnxNetwork(network, weights.State, threads),
                "torch" => new TorchNetwork(network, weights.State, threads, device),
                _ => throw new UsageException($"there is no backend '{backend}'"),
            };
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>Given weights for training, with the last layer as it is initialised where its shape differs.</summary>
    public static StateDict WithNewHead(StateDict given, StateDict initial) => new(initial.Select(tensor =>
        tensor.Name.StartsWith("Conv_1x1.", StringComparison.Ordinal)
            && !(given.TryGet(tensor.Name, out WeightTensor? same) && same.Shape.SequenceEqual(tensor.Shape))
            ? tensor
            : given[tensor.Name]));
}
