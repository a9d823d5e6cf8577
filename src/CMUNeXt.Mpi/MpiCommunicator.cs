using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CMUNeXt.Mpi.Native;
using CMUNeXt.Ranks;

namespace CMUNeXt.Mpi;

/// <summary>
/// The ranks of an MPI job, by Open MPI. The thread that starts it makes all calls, and they block: nothing moves in the background. A rank
/// that is lost is noticed by the launcher, which ends the others; one that is silent, by whoever waits for it longer than a deadline.
/// </summary>
public sealed unsafe class MpiCommunicator : ICommunicator, IDisposable
{
    /// <summary>After so long the first rank says that it waits.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(60);

    private readonly OpenMpi mpi;
    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly TimeSpan deadline;
    private readonly string advice;
    private readonly Timer watch;
    private readonly PosixSignalRegistration ended;
    private readonly int[] places;
    private readonly int[] receivedPlaces;
    private readonly int firstProcess;
    private long waitsSince;
    private volatile bool ends;
    private bool noticed;
    private bool finished;

    private MpiCommunicator(OpenMpi mpi, TimeSpan deadline, string advice)
    {
        this.mpi = mpi;
        this.advice = advice;
        Rank = mpi.Rank();
        Size = mpi.Size();
        places = new int[Size];
        receivedPlaces = new int[Size];

        // Of those that wait for a silent rank, the first says so and ends.
        this.deadline = deadline + TimeSpan.FromSeconds(5 * Math.Min(Rank, 2));
        watch = new Timer(_ => Watch(), null, 500, 500);
        ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => SayThatItEnds());
        (firstProcess, Threads) = LookAround();
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>
    /// The threads of this rank where nobody states them: the cores that it may use, shared with the ranks that may use the same ones.
    /// </summary>
    public int Threads { get; }

    /// <summary>What this rank does, in a few words, for those who read that it waits.</summary>
    public string Doing { get; set; } = "start";

    /// <summary>Loads Open MPI and joins the job that the launcher started.</summary>
    /// <param name="deadline">How long a rank waits for the others before it ends the job.</param>
    /// <param name="advice">How to go on when the job has ended before its time, in one line.</param>
    /// <exception cref="PlatformNotSupportedException">Open MPI is not there, or is another MPI.</exception>
    public static MpiCommunicator Start(TimeSpan deadline, string advice) =>
        new(OpenMpi.Initialize(MpiLauncher.IsOnOneHost), deadline, advice);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The lengths are not those that the counts say.</exception>
    public void AllGather(ReadOnlySpan<byte> own, ReadOnlySpan<int> counts, Span<byte> all)
    {
        Check(own.Length == counts[Rank]);
        Place(counts, places, all.Length);
        fixed (byte* o = own, a = all)
        {
            fixed (int* c = counts, p = places)
            {
                Begin();
                mpi.AllGather(o, own.Length, a, c, p);
                End();
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The lengths are not those that the counts say.</exception>
    public void AllToAll(ReadOnlySpan<byte> parts, ReadOnlySpan<int> partCounts, Span<byte> received, ReadOnlySpan<int> receivedCounts)
    {
        Place(partCounts, places, parts.Length);
        Place(receivedCounts, receivedPlaces, received.Length);
        fixed (byte* s = parts, r = received)
        {
            fixed (int* sc = partCounts, sp = places, rc = receivedCounts, rp = receivedPlaces)
            {
                Begin();
                mpi.AllToAll(s, sc, sp, r, rc, rp);
                End();
            }
        }
    }

    /// <summary>Ends the whole job: for what goes wrong at this rank alone, while the others wait for it.</summary>
    /// <param name="status">The exit status.</param>
    public void Abort(int status)
    {
        if (Environment.CurrentManagedThreadId == thread)
        {
            mpi.Abort(status);
        }

        Libc.Exit(status);
    }

    /// <summary>Leaves the job; every rank has to.</summary>
    public void Dispose()
    {
        watch.Dispose();
        ended.Dispose();
        if (!finished)
        {
            finished = true;
            OpenMpi.Finish();
        }
    }

    private static void Say(string line) => Console.Error.WriteLine($"cmunext: {line}");

    private static void Place(ReadOnlySpan<int> counts, int[] places, int length)
    {
        Check(counts.Length == places.Length);
        int place = 0;
        for (int rank = 0; rank < places.Length; rank++)
        {
            places[rank] = place;
            place = checked(place + counts[rank]);
        }

        Check(place == length);
    }

    private static void Check(bool fits)
    {
        if (!fits)
        {
            throw new ArgumentException("The lengths of what the ranks exchange are not those that their counts say.");
        }
    }

    private void Begin()
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            throw new InvalidOperationException("MPI is used by the thread that started it alone.");
        }

        Volatile.Write(ref waitsSince, Stopwatch.GetTimestamp());
    }

    private void End()
    {
        Volatile.Write(ref waitsSince, 0);
        noticed = false;
    }

    // On a thread of its own, which makes no call of MPI.
    private void Watch()
    {
        if (Volatile.Read(ref waitsSince) is var since && (since == 0 || ends))
        {
            return;
        }

        TimeSpan waited = Stopwatch.GetElapsedTime(since);
        if (waited > deadline)
        {
            Say($"rank {Rank} has waited {waited.TotalSeconds:0} s for the others ({Doing}): one hangs, and the job ends. {advice}");
            Libc.Exit(1);
        }

        if (waited > Notice && Rank == 0 && !noticed)
        {
            noticed = true;
            Say($"rank 0 has waited {waited.TotalSeconds:0} s for the others ({Doing}); after {deadline.TotalSeconds:0} s the job ends");
        }
    }

    // A launcher that has lost a rank ends the others.
    private void SayThatItEnds()
    {
        ends = true;
        if (Rank == 0 || (Rank == 1 && (firstProcess == 0 || !Libc.Exists(firstProcess))))
        {
            Say($"the job ends ({Doing}): a rank was lost, or it was told to. {advice}");
        }
    }

    // The process of rank 0, or 0 where it is on another host, and the threads of this rank.
    private (int FirstProcess, int Threads) LookAround()
    {
        string host = Hash(Environment.MachineName);
        string place = Hash($"{Environment.MachineName}\n{MpiLauncher.Binding}");
        byte[] own = Encoding.ASCII.GetBytes($"{host} {place} {Environment.ProcessId:0000000000}");
        byte[] all = new byte[own.Length * Size];
        AllGather(own, [.. Enumerable.Repeat(own.Length, Size)], all);
        string[][] ranks = [.. all.Chunk(own.Length).Select(static one => Encoding.ASCII.GetString(one).Split(' '))];
        return (
            ranks[0][0] == host ? int.Parse(ranks[0][2], CultureInfo.InvariantCulture) : 0,
            MpiLauncher.CountThreads(Environment.ProcessorCount, place, ranks.Select(static rank => rank[1])));

        static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
