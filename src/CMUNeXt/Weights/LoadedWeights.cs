using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights;

/// <summary>What a weight file holds.</summary>
public sealed class LoadedWeights
{
    private readonly Lazy<string> sha256;

    /// <summary>Takes what was read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="state">The tensors.</param>
    /// <param name="metadata">What the file says of itself.</param>
    /// <param name="content">The whole file.</param>
    public LoadedWeights(string path, StateDict state, WeightsMetadata? metadata, ReadOnlyMemory<byte> content)
    {
        Path = path;
        State = SavedNames.Restore(state);
        Metadata = metadata;
        sha256 = new Lazy<string>(() => Files.Sha256.Of(content.Span));
    }

    private LoadedWeights(LoadedWeights other, WeightsMetadata metadata)
    {
        Path = other.Path;
        State = other.State;
        Metadata = metadata;
        sha256 = other.sha256;
        Entries = other.Entries;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors, in the file's order; without a prefix that a wrapper such as DataParallel put before every name.</summary>
    public StateDict State { get; }

    /// <summary>What the file says of itself; null where it says nothing, as a <c>.pth</c> never does.</summary>
    public WeightsMetadata? Metadata { get; }

    /// <summary>The SHA-256 of the whole file, 64 lower-case hexadecimal digits; computed when it is first asked for.</summary>
    public string Sha256 => sha256.Value;

    /// <summary>
    /// The other text entries of a safetensors file's <c>__metadata__</c>, as they stand; empty for a <c>.pth</c>. They are the
    /// business of whoever wrote them, and unchecked.
    /// </summary>
    public IReadOnlyDictionary<string, string> Entries { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// The same weights with another preprocessing stated; calibration and presence threshold, measured with the old one, are left out.
    /// With the one that they have, nothing is.
    /// </summary>
    /// <param name="preprocessing">How an image becomes the network's input.</param>
    /// <exception cref="ArgumentException">
    /// The preprocessing is not possible, or gives another number of channels than the network takes.
    /// </exception>
    /// <exception cref="BadFileException">As <see cref="DescribeNetwork"/>.</exception>
    public LoadedWeights With(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        NetworkDescription network = DescribeNetwork();
        InputSize size = NetworkCatalog.SizeOf(network.Name);

        // The channels first: with others, mean and standard deviation are too many or too few, which is not the cause.
        string? fault =
            (preprocessing.Channels == network.Channels
                ? null
                : $"it gives {preprocessing.Channels} channel{(preprocessing.Channels == 1 ? "" : "s")}, "
                    + $"and the network takes {network.Channels}")
            ?? preprocessing.FindFault()
            ?? size.FindFault(size.RoundUp(preprocessing.Width), size.RoundUp(preprocessing.Height));
        if (fault is not null)
        {
            throw new ArgumentException($"The preprocessing does not suit {network.Name}: {fault}.");
        }

        if (Metadata?.Preprocessing == preprocessing)
        {
            return this;
        }

        WeightsMetadata metadata = Metadata ?? new WeightsMetadata { Network = network };
        return new LoadedWeights(this, metadata.With(preprocessing));
    }

    /// <summary>The network that the tensors are those of.</summary>
    /// <exception cref="BadFileException">
    /// They are those of no network that is known here, or not of the one that the metadata state, or have more channels or outputs than
    /// are computed.
    /// </exception>
    public NetworkDescription DescribeNetwork()
    {
        if (NetworkCatalog.Recognize(State) is not { } network)
        {
            throw new BadFileException(Path, NetworkCatalog.ExplainUnknown(State));
        }

        if (network.FindFault() is { } fault)
        {
            throw new BadFileException(Path, $"its tensors are not computed with: {fault}");
        }

        // Of a CMUNeXt the name follows from the configuration.
        return Metadata?.Network is { } stated
            && (stated.Channels, stated.Outputs, stated.Configuration) != (network.Channels, network.Outputs, network.Configuration)
            ? throw new BadFileException(
                Path, "its metadata state other channels, other outputs or another configuration than its tensors have; "
                    + "write it again, with tensors and metadata of one network")
            : network;
    }

    /// <summary>
    /// What the file says of itself, with the network that its tensors are those of. A file that says nothing is taken to follow the
    /// published protocol.
    /// </summary>
    /// <exception cref="BadFileException">
    /// As <see cref="DescribeNetwork"/>; or there are no metadata, and the protocol has no rule for so many channels; or they state a size
    /// that the network does not take, or that is too large.
    /// </exception>
    public WeightsMetadata Describe()
    {
        NetworkDescription network = DescribeNetwork();
        InputSize size = NetworkCatalog.SizeOf(network.Name);
        if (Metadata is not null)
        {
            int width = size.RoundUp(Metadata.Preprocessing.Width);
            int height = size.RoundUp(Metadata.Preprocessing.Height);
            return (size.FindFault(width, height) ?? network.FindFault(width, height)) is { } fault
                ? throw new BadFileException(Path, $"its metadata do not suit {network.Name}: {fault}")
                : Metadata with { Network = network };
        }

        return network.Channels is 1 or 3
            ? new WeightsMetadata
            {
                Network = network,
                Preprocessing = Preprocessing.For(network.Channels) with { Width = size.Default, Height = size.Default },
            }
            : throw new BadFileException(
                Path,
                $"is for {network.Channels} channels, and images have 1 or 3; forward computes with it, and export writes it as .pth");
    }
}
