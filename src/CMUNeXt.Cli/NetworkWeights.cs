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
        NetworkDescription described = weights.DescribeNetwork();
        return model is null || model == described.Name
            ? described
            : throw new BadFileException(weights.Path, $"holds a {described.Name}, not a {model}; leave out --model");
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
