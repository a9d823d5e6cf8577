using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Self-attention along one axis of an image (Wang et al., "Axial-DeepLab", ECCV 2020) with the gates of MedT: learned encodings of the
/// relative position, of queries, keys and values, each weighted by a gate, and batch normalization of projections, logits and output.
/// N x C x H x W in; N x width x H/stride x W/stride out. What it follows is said at <see cref="MedTModule"/>.
/// </summary>
/// <remarks>
/// The gates are part of the state dict, but not trained: the published code leaves them as they are (0.1, and 1 for the values).
/// </remarks>
internal sealed class AxialAttention : NetworkModule
{
    /// <summary>The number of heads.</summary>
    private const int Groups = 8;

    private readonly int width;
    private readonly int stride;
    private readonly bool alongRows;
    private readonly bool positional;
    private readonly Conv1d projection;
    private readonly BatchNorm1d projectionNormalization;
    private readonly BatchNorm2d similarityNormalization;
    private readonly BatchNorm1d outputNormalization;

    /// <param name="width">Channels in and out, a multiple of 16.</param>
    /// <param name="alongRows">Whether a pixel attends to those of its row; otherwise to those of its column.</param>
    /// <param name="length">The number of pixels along the axis where positions are encoded; null encodes none and takes any.</param>
    /// <param name="stride">The output is averaged over stride x stride pixels.</param>
    public AxialAttention(int width, bool alongRows, int? length, int stride = 1)
        : base(nameof(AxialAttention))
    {
        this.width = width;
        this.alongRows = alongRows;
        this.stride = stride;
        positional = length is not null;
        if (length is { } pixels)
        {
            foreach ((string gate, float value) in new[] { ("f_qr", 0.1f), ("f_kr", 0.1f), ("f_sve", 0.1f), ("f_sv", 1f) })
            {
                RegisterParameter(gate, tensor(value), trained: false);
            }

            int channels = width / Groups;
            RegisterParameter("relative", init.normal_(empty(2 * channels, (2 * pixels) - 1), 0, Math.Sqrt(1.0 / channels)));
            register_buffer("flatten_index", tensor(RelativePositions(pixels)));
        }

        projection = this.Register("qkv_transform", Conv1d(width, 2 * width, 1, bias: false));
        init.normal_(projection.weight!, 0, Math.Sqrt(1.0 / width));
        projectionNormalization = this.Register("bn_qkv", BatchNorm1d(2 * width));
        similarityNormalization = this.Register("bn_similarity", BatchNorm2d(positional ? 3 * Groups : Groups));
        outputNormalization = this.Register("bn_output", BatchNorm1d(positional ? 2 * width : width));
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();

        // N x lines x C x length, where a line is a row or a column.
        Tensor lines = alongRows ? x.permute(0, 2, 1, 3) : x.permute(0, 3, 1, 2);
        long count = lines.shape[1];
        Tensor attended = Attend(lines.flatten(0, 1)).unflatten(0, -1, count);
        Tensor y = alongRows ? attended.permute(0, 2, 1, 3) : attended.permute(0, 2, 3, 1);
        return (stride > 1 ? functional.avg_pool2d(y, stride, stride) : y.alias()).MoveToOuterDisposeScope();
    }

    /// <summary>Attention within each line: lines x C x length in and out.</summary>
    private Tensor Attend(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        long channels = width / Groups;
        long[] sizes = [channels / 2, channels / 2, channels];
        Tensor projected = projectionNormalization.call(projection.call(x)).unflatten(1, Groups, 2 * channels);
        (Tensor q, Tensor k, Tensor v) = Split(projected.split(sizes, 2));
        Tensor similarity = einsum("bgci,bgcj->bgij", q, k);
        if (!positional)
        {
            Tensor weights = similarityNormalization.call(similarity).softmax(3);
            return outputNormalization.call(einsum("bgij,bgcj->bgci", weights, v).flatten(1, 2)).MoveToOuterDisposeScope();
        }

        // 2 channels x length x length: the encoding of j as seen from i.
        long length = x.shape[2];
        Tensor encodings = get_parameter("relative")!.index_select(1, get_buffer("flatten_index")!).unflatten(1, length, length);
        (Tensor qEncoding, Tensor kEncoding, Tensor vEncoding) = Split(encodings.split(sizes, 0));
        Tensor qPosition = einsum("bgci,cij->bgij", q, qEncoding) * get_parameter("f_qr")!;
        Tensor kPosition = einsum("bgci,cij->bgji", k, kEncoding) * get_parameter("f_kr")!;
        Tensor stacked = similarityNormalization.call(cat([similarity, qPosition, kPosition], 1));
        Tensor attention = stacked.unflatten(1, 3, Groups).sum(1).softmax(3);
        Tensor content = einsum("bgij,bgcj->bgci", attention, v) * get_parameter("f_sv")!;
        Tensor position = einsum("bgij,cij->bgci", attention, vEncoding) * get_parameter("f_sve")!;

        // The normalization sees content and position of a channel as two channels, one after the other.
        Tensor both = outputNormalization.call(stack([content, position], 3).flatten(1, 3));
        return both.unflatten(1, width, 2).sum(2).MoveToOuterDisposeScope();
    }

    private static (Tensor Query, Tensor Key, Tensor Value) Split(Tensor[] parts) => (parts[0], parts[1], parts[2]);

    /// <summary>The column of the table of encodings for each i and j: i - j, counted from 0.</summary>
    private static long[] RelativePositions(int length) =>
        [.. Enumerable.Range(0, length).SelectMany(_ => Enumerable.Range(0, length), (i, j) => (long)(i - j + length - 1))];
}
