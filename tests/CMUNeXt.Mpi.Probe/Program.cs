using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CMUNeXt.Mpi;

// One rank of a test: "exchange", "collect", "variables", "null", "thread", "threads", "silent", "abort", "wait".
using MpiCommunicator ranks = MpiCommunicator.Start(TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1]) : 600), "ADVICE");
int[] Each(int bytes) => [.. Enumerable.Repeat(bytes, ranks.Size)];
byte[] Gather(byte own)
{
    byte[] all = new byte[ranks.Size];
    ranks.AllGather([own], Each(1), all);
    return all;
}

switch (args[0])
{
    case "exchange":
        // Rank r has r + 1 values r for all, and for rank s the s values 10 r + s.
        byte[] own = [.. Enumerable.Repeat((byte)ranks.Rank, ranks.Rank + 1)];
        int[] counts = [.. Enumerable.Range(1, ranks.Size)];
        byte[] all = new byte[counts.Sum()];
        ranks.AllGather(own, counts, all);
        byte[] parts = [.. Enumerable.Range(0, ranks.Size).SelectMany(rank => Enumerable.Repeat((byte)((10 * ranks.Rank) + rank), rank))];
        byte[] received = new byte[ranks.Rank * ranks.Size];
        ranks.AllToAll(parts, [.. Enumerable.Range(0, ranks.Size)], received, Each(ranks.Rank));
        Console.WriteLine($"rank {ranks.Rank} of {ranks.Size}: {string.Join(' ', all)}; {string.Join(' ', received)}");
        break;
    case "collect":
        // The garbage collector moves what it can beside every exchange.
        bool[] ended = [false];
        Thread collector = new(() =>
        {
            while (!Volatile.Read(ref ended[0]))
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            }
        });
        collector.Start();
        int wrong = 0;
        for (int round = 0; round < 200; round++)
        {
            byte[] filler = new byte[1000 * (1 + (round % 7))];
            byte[] values = [.. Enumerable.Repeat((byte)(round + ranks.Rank), 20_000)];
            byte[] gathered = new byte[values.Length * ranks.Size];
            ranks.AllGather(values, Each(values.Length), gathered);
            wrong += gathered.Where((value, place) => value != (byte)(round + (place / values.Length))).Count();
            GC.KeepAlive(filler);
        }

        Volatile.Write(ref ended[0], true);
        collector.Join();
        Console.WriteLine($"rank {ranks.Rank}: {wrong} wrong");
        break;
    case "variables":
        Console.WriteLine(string.Join(' ', args[2..].Select(name => $"{name}={Marshal.PtrToStringUTF8(getenv(name)) ?? "unset"}")));
        break;
    case "null":
        Gather(1);
        try
        {
            Console.WriteLine(Length(null!));
        }
        catch (NullReferenceException)
        {
            Console.WriteLine($"rank {ranks.Rank} caught it, and {Gather(1).Sum(one => one)} ranks go on");
        }

        break;
    case "thread":
        Exception? other = null;
        Thread thread = new(() => other = Try(() => Gather(1)));
        thread.Start();
        thread.Join();
        Console.WriteLine($"{other?.GetType().Name}: {other?.Message}");
        break;
    case "threads":
        Console.WriteLine($"{ranks.Threads} of {Environment.ProcessorCount}");
        break;
    case "silent":
        ranks.Doing = "a test";
        if (ranks.Rank == ranks.Size - 1)
        {
            Thread.Sleep(TimeSpan.FromMinutes(5));
        }

        Gather(1);
        break;
    case "abort":
        if (ranks.Rank == 1)
        {
            ranks.Abort(7);
        }

        Gather(1);
        break;
    default:
        // Says its number, and computes and exchanges until it is killed.
        Console.WriteLine($"process {ranks.Rank} {Environment.ProcessId}");
        while (true)
        {
            Thread.SpinWait(10_000);
            Gather(1);
        }
}

[DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
static extern nint getenv(string name);

[MethodImpl(MethodImplOptions.NoInlining)]
static int Length(string text) => text.Length;

static Exception? Try(Action action)
{
    try
    {
        action();
        return null;
    }
    catch (Exception e)
    {
        return e;
    }
}
