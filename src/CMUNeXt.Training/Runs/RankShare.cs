using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Ranks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Training.Runs;

/// <summary>The part that this process has in a training: all of it, or that of a rank.</summary>
/// <param name="communicator">The ranks; null where this process trains alone.</param>
internal sealed class RankShare(ICommunicator? communicator)
{
    /// <summary>The number of ranks.</summary>
    public int Size => communicator?.Size ?? 1;

    /// <summary>Whether this is the rank that writes.</summary>
    public bool IsFirst => communicator is null or { Rank: 0 };

    /// <summary>Counts the ranks on this rank's host, itself included; every rank has to ask.</summary>
    public int CountOnHost()
    {
        byte[] host = SHA256.HashData(Encoding.UTF8.GetBytes(Environment.MachineName));
        return GatherEqual(host).Count(other => other.AsSpan().SequenceEqual(host));
    }

    /// <summary>The cases of this rank; those of the ranks before come before them.</summary>
    public T[] Of<T>(T[] cases) => communicator is null
        ? cases
        : cases[(int)((long)cases.Length * communicator.Rank / Size)..(int)((long)cases.Length * (communicator.Rank + 1) / Size)];

    /// <summary>The values of all ranks, in their order.</summary>
    /// <param name="own">Those of this rank; there may be none.</param>
    public double[] Gather(double[] own)
    {
        if (communicator is null)
        {
            return own;
        }

        int[] sizes = new int[Size];
        int[] counts = [.. Enumerable.Repeat(sizeof(int), Size)];
        int bytes = own.Length * sizeof(double);
        communicator.AllGather(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)), counts, MemoryMarshal.AsBytes(sizes.AsSpan()));
        double[] all = new double[sizes.Sum() / sizeof(double)];
        communicator.AllGather(MemoryMarshal.AsBytes(own.AsSpan()), sizes, MemoryMarshal.AsBytes(all.AsSpan()));
        return all;
    }

    /// <summary>Adds up the values of all ranks, place by place: counts, whose sums are exact.</summary>
    /// <param name="own">Those of this rank, as many as at every other.</param>
    public double[] AddUp(double[] own)
    {
        double[] all = Gather(own);
        return Size == 1 ? all : [.. Enumerable.Range(0, own.Length).Select(i => all.Where((_, place) => place % own.Length == i).Sum())];
    }

    /// <summary>
    /// What is another at one rank than at the others, in words; null where all agree. Ranks of other programs, processors, settings, cases
    /// or checkpoints would train other networks, and nobody would see it.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="files">The images and masks, with their SHA-256.</param>
    /// <param name="from">Where the training goes on from; null where it begins.</param>
    /// <param name="weights">The weights now.</param>
    public string? FindDifference(RunSettings settings, IReadOnlyDictionary<string, string> files, Checkpoint? from, StateDict weights)
    {
        (string What, byte[] Content)[] parts =
        [
            ("program", typeof(RankShare).Assembly.ManifestModule.ModuleVersionId.ToByteArray()),
            ("instruction set of the processor", Text($"{ManagedNetwork.WidestInstructions}")),
            ("settings", Text(settings.ToComparableJson())),
            ("images or masks", Text(string.Join('\n', files.Select(file => $"{file.Key} {file.Value}")))),
            ("checkpoint", Text($"{from?.Progress.Epochs.Count} {from?.Progress.Iteration}")),
            ("weights", [.. weights.SelectMany(tensor => tensor.Data.ToArray())]),
        ];
        return parts.FirstOrDefault(part => !IsSame(SHA256.HashData(part.Content))).What;

        static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
    }

    // Whether the content of every rank is that of this one.
    private bool IsSame(byte[] content) => GatherEqual(content).All(one => one.AsSpan().SequenceEqual(content));

    // What the ranks have, as many bytes each.
    private IEnumerable<byte[]> GatherEqual(byte[] own)
    {
        if (communicator is null)
        {
            return [own];
        }

        byte[] all = new byte[own.Length * Size];
        communicator.AllGather(own, [.. Enumerable.Repeat(own.Length, Size)], all);
        return all.Chunk(own.Length);
    }
}
