using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights.Pth;

namespace CMUNeXt.Weights;

/// <summary>
/// The files of <c>torch.save</c>. They are pickles, which can run any program while they are loaded; here they are read as data
/// by a short list of allowed types, and nothing in a file is ever executed.
/// </summary>
internal static class PthFile
{
    /// <summary>
    /// The most that the tensors of a file may take together, as a multiple of the file's length. Views can share one storage or
    /// repeat a number, and so state far more than the file holds.
    /// </summary>
    public const int MaximumExpansion = 8;

    // A zip archive without zip64 counts its entries in 16 bits; a few are not tensors.
    private const int MaximumTensors = 65_000;

    // What an entry takes at most beside its data: two headers, two names, the padding.
    private const int EntryOverhead = 256;

    /// <summary>
    /// Reads a file: a state dict alone, or inside a dictionary under <c>state_dict</c>, <c>model</c>, <c>model_state_dict</c> or
    /// <c>net</c>; the prefix <c>module.</c> of DataParallel is taken off.
    /// </summary>
    /// <param name="path">The file, a zip archive or the older stream of pickles.</param>
    /// <exception cref="BadFileException">
    /// The file is damaged, is something else, or asks for something that weights do not need.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadedWeights Read(string path) => Read(path, WeightsFile.ReadContent(path));

    /// <summary>
    /// Writes a file that <c>model.load_state_dict(torch.load(file))</c> takes: a zip archive, protocol 2, one storage a tensor. The
    /// format has no place for metadata.
    /// </summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="state">The tensors, at most 65,000.</param>
    /// <exception cref="ArgumentException">A name, the number of tensors or their size could not be read back.</exception>
    /// <exception cref="IOException">The file could not be written; what stood there is untouched.</exception>
    public static void Write(string path, StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        WeightsFile.CheckWritable(state);
        byte[] pickle = StateDictPickle.Write(state);
        if (state.Count > MaximumTensors
            || state.Sum(static t => (long)t.Data.Length + EntryOverhead) + pickle.Length > WeightsFile.MaximumLength)
        {
            throw new ArgumentException(
                $"A .pth file holds at most {MaximumTensors} tensors in {WeightsFile.MaximumLength} bytes.", nameof(state));
        }

        CheckReadable(path, pickle, nameof(state));
        AtomicFile.Write(path, stream =>
        {
            StoredZipWriter zip = new(stream);
            zip.Add("archive/data.pkl", pickle);
            zip.Add("archive/byteorder", "little"u8);
            for (int i = 0; i < state.Count; i++)
            {
                zip.Add("archive/data/" + i.ToString(CultureInfo.InvariantCulture), state[i].Data.Span);
            }

            // The version of the archive's layout that the instructions above are part of.
            zip.Add("archive/version", "3\n"u8);
            zip.Finish();
        });
    }

    /// <summary>Reads a file's content; contiguous tensors are slices of it.</summary>
    internal static LoadedWeights Read(string path, ReadOnlyMemory<byte> content) =>
        new(path, PthReader.Read(path, content), null, content);

    // Long names, or many dimensions of many tensors, can go beyond what is read.
    private static void CheckReadable(string path, byte[] pickle, string parameter)
    {
        try
        {
            _ = new PickleMachine(path, pickle).Read();
        }
        catch (BadFileException e)
        {
            throw new ArgumentException($"The file could not be read back: {e.Message}", parameter, e);
        }
    }
}
