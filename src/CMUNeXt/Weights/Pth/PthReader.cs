using System.Buffers.Binary;
using System.Numerics;
using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>Reads the two formats of <c>torch.save</c>: zip archives (PyTorch 1.6 and later) and the older stream of pickles.</summary>
internal static class PthReader
{
    private const string Pickle = "/data.pkl";
    private const int StreamVersion = 1001;

    // What the stream of pickles begins with.
    private static readonly BigInteger StreamMagic = BigInteger.Parse("119547037146038801333356");

    /// <summary>Whether the content begins like one of the two formats.</summary>
    public static bool IsRecognized(ReadOnlySpan<byte> content) => StoredZip.IsRecognized(content) || IsPickle(content);

    /// <summary>Reads the state dict of a file.</summary>
    /// <exception cref="BadFileException">
    /// The file is damaged, is something else, or asks for something that weights do not need.
    /// </exception>
    public static StateDict Read(string path, ReadOnlyMemory<byte> content) =>
        IsPickle(content.Span) ? ReadStream(path, content) : ReadZip(path, content);

    private static bool IsPickle(ReadOnlySpan<byte> content) => content.Length >= 2 && content[0] == (byte)PickleInstruction.Protocol;

    private static StateDict ReadZip(string path, ReadOnlyMemory<byte> content)
    {
        StoredZip zip = new(path, content);
        string root = FindRoot(path, zip);
        if (zip.Names.Contains($"{root}/byteorder") && !zip.Open($"{root}/byteorder").Span.SequenceEqual("little"u8))
        {
            throw new BadFileException(path, "its numbers are big-endian; save it on a little-endian machine");
        }

        ReadOnlyMemory<byte> pickle = zip.Open(root + Pickle);
        if (pickle.Length > PickleMachine.MaximumLength)
        {
            throw PickleMachine.TooLong(path);
        }

        PickleMachine machine = new(path, pickle);
        List<KeyValuePair<string, TensorReference>> tensors = StateDictFinder.Find(path, machine.Read());
        Dictionary<string, ReadOnlyMemory<byte>> opened = new(StringComparer.Ordinal);
        return Build(path, content.Length, tensors, storage =>
        {
            if (!opened.TryGetValue(storage.Key, out ReadOnlyMemory<byte> data))
            {
                data = zip.Open($"{root}/data/{storage.Key}");
                if (data.Length != storage.Bytes)
                {
                    throw new BadFileException(
                        path, $"its storage {PrintableName.Of(storage.Key)} has {data.Length} bytes, "
                            + $"not the {storage.Count} elements of {storage.Type} that it should hold");
                }

                opened.Add(storage.Key, data);
            }

            return data;
        });
    }

    // Every entry lies in one folder of any name, "archive" or the file's stem.
    private static string FindRoot(string path, StoredZip zip)
    {
        string? root = null;
        foreach (string name in zip.Names)
        {
            string inner = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
            if (inner == "constants.pkl" || inner.StartsWith("code/", StringComparison.Ordinal))
            {
                throw new BadFileException(
                    path, "this is a TorchScript archive, a program with its weights; save the weights alone: "
                        + "torch.save(torch.jit.load(file).state_dict(), 'weights.pth')");
            }

            if (name.EndsWith(Pickle, StringComparison.Ordinal)
                && name.IndexOf('/', StringComparison.Ordinal) == name.Length - Pickle.Length)
            {
                root = root is null
                    ? name[..^Pickle.Length]
                    : throw new BadFileException(path, "its zip archive has data.pkl in two folders; the file is damaged");
            }
        }

        return root ?? throw new BadFileException(path, "this is a zip archive, but not one that torch.save wrote: it has no data.pkl");
    }

    private static StateDict ReadStream(string path, ReadOnlyMemory<byte> content)
    {
        PickleMachine machine = new(path, content);
        if (machine.Read() is not BigInteger magic || magic != StreamMagic || machine.Read() is not (long and StreamVersion))
        {
            throw new BadFileException(path, "this is a pickle, but not one that torch.save wrote");
        }

        if (machine.Read() is not PickleDictionary system || system.Get("little_endian") is not true)
        {
            throw new BadFileException(path, "its numbers are big-endian; save it on a little-endian machine");
        }

        List<KeyValuePair<string, TensorReference>> tensors = StateDictFinder.Find(path, machine.Read());
        Dictionary<string, StorageReference> storages = new(machine.Storages, StringComparer.Ordinal);
        if (machine.Read() is not List<object?> keys)
        {
            throw new BadFileException(path, "the list of its storages is missing; the file is damaged");
        }

        Dictionary<string, ReadOnlyMemory<byte>> contents = ReadStorages(path, content[machine.Position..], keys, storages);
        return Build(path, content.Length, tensors, storage => contents.TryGetValue(storage.Key, out ReadOnlyMemory<byte> data)
            ? data
            : throw new BadFileException(path, $"its storage {PrintableName.Of(storage.Key)} is missing"));
    }

    // For each key in order the number of elements, 8 bytes, and the elements.
    private static Dictionary<string, ReadOnlyMemory<byte>> ReadStorages(
        string path, ReadOnlyMemory<byte> content, List<object?> keys, Dictionary<string, StorageReference> storages)
    {
        Dictionary<string, ReadOnlyMemory<byte>> contents = new(StringComparer.Ordinal);
        foreach (object? key in keys)
        {
            if (key is not string name || !storages.TryGetValue(name, out StorageReference? storage) || contents.ContainsKey(name))
            {
                throw new BadFileException(path, "the list of its storages does not agree with its tensors; the file is damaged");
            }

            if (content.Length < sizeof(long) || storage.Bytes > content.Length - sizeof(long))
            {
                throw new BadFileException(
                    path, $"its storage {PrintableName.Of(name)} goes past the end; the file is cut short, fetch it again");
            }

            if (BinaryPrimitives.ReadInt64LittleEndian(content.Span) != storage.Count)
            {
                throw new BadFileException(
                    path, $"its storage {PrintableName.Of(name)} has another size than its tensors say; the file is damaged");
            }

            int length = (int)storage.Bytes;
            contents.Add(name, content.Slice(sizeof(long), length));
            content = content[(sizeof(long) + length)..];
        }

        return content.IsEmpty
            ? contents
            : throw new BadFileException(path, $"{content.Length} bytes follow its last storage; the file is damaged");
    }

    private static StateDict Build(
        string path, int fileLength, List<KeyValuePair<string, TensorReference>> tensors, Func<StorageReference, ReadOnlyMemory<byte>> open)
    {
        StridedTensor strided = new(path, fileLength);
        return new StateDict(tensors.ConvertAll(tensor => strided.Make(tensor.Key, tensor.Value, open(tensor.Value.Storage))));
    }
}
