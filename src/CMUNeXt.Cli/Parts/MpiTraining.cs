using System.CommandLine;
using System.Runtime.InteropServices;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Mpi;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Parts;

/// <summary>
/// A training that <c>mpirun</c> started: each rank opens it, all train, and the first alone prints. They end with one exit status, and
/// what goes wrong at one rank alone ends the job.
/// </summary>
internal static class MpiTraining
{
    public static Option<int?> Deadline { get; } = CommonOptions.Within(1, 86400, new Option<int?>("--mpi-timeout")
    {
        Description = "Under mpirun: how many seconds a rank waits for the others before the job ends. [default: 600]",
        HelpName = "S",
    });

    /// <summary>Trains as a rank of the job.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="deadline">Seconds that a rank waits for the others.</param>
    /// <param name="open">Opens the training; it is done by each rank.</param>
    /// <param name="begins">Whether the training is new.</param>
    /// <param name="stop">Stops it at all ranks; all is kept.</param>
    /// <returns>The exit status that the ranks agree on.</returns>
    public static int Run(string folder, int? deadline, Func<MpiCommunicator, TrainingSession> open, bool begins, CancellationToken stop)
    {
        string command = ShellText.Of("cmunext", "train", "--resume", "--output", folder);
        string advice = $"What the last checkpoint has is kept; go on with: mpirun ... {command}";
        using MpiCommunicator ranks = MpiCommunicator.Start(TimeSpan.FromSeconds(deadline ?? 600), advice);
        TrainingSession? opened = null;
        int status = Agree(ranks, () => opened = open(ranks), stop);
        using TrainingSession? session = opened;
        if (status != ExitStatus.Done)
        {
            return status;
        }

        WarnOfCores(ranks, session!.Settings.Threads);

        // In a step of its own: interrupted in it, the first rank would not be where the others wait for it.
        status = Agree(ranks, () => Warn(ranks, session, begins, stop), stop);
        return status != ExitStatus.Done ? status : Agree(
            ranks,
            () =>
            {
                try
                {
                    Train(ranks, session, stop);
                }
                catch (Exception e) when (e is not (OperationCanceledException or TrainingFailedException or SettingsException))
                {
                    // The others wait for this rank.
                    ranks.Abort(FailureReport.Print(e, stop));
                }
            },
            stop);
    }

    private static void Warn(MpiCommunicator ranks, TrainingSession session, bool begins, CancellationToken stop)
    {
        if (ranks.Rank == 0)
        {
            TrainingReport.Warn(session, begins, stop);
        }
    }

    private static void Train(MpiCommunicator ranks, TrainingSession session, CancellationToken stop)
    {
        if (ranks.Rank == 0)
        {
            TrainingReport.Train(session, stop, now => Tell(ranks, now));
        }
        else
        {
            session.Run(new Callback<TrainingIteration>(now => Tell(ranks, now)), stop);
        }
    }

    private static void Tell(MpiCommunicator ranks, TrainingIteration now) => ranks.Doing =
        now.Validated == 0 ? $"epoch {now.Epoch + 1}, iteration {now.Iteration}" : $"epoch {now.Epoch + 1}, validation";

    // Does what every rank does, and may fail at; the first that fails says why, and all end alike.
    private static int Agree(MpiCommunicator ranks, Action work, CancellationToken stop)
    {
        Exception? failure = null;
        try
        {
            work();
        }
        catch (Exception e)
        {
            failure = e;
        }

        // It may have been another rank that was asked to stop.
        stop = failure is OperationCanceledException ? new CancellationToken(canceled: true) : stop;
        int own = failure is null ? ExitStatus.Done : FailureReport.StatusOf(failure, stop);
        int[] all = new int[ranks.Size];
        ranks.AllGather(
            MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in own)),
            [.. Enumerable.Repeat(sizeof(int), ranks.Size)],
            MemoryMarshal.AsBytes(all.AsSpan()));
        if (failure is not null && Array.FindIndex(all, status => status != ExitStatus.Done) == ranks.Rank)
        {
            FailureReport.Print(failure, stop);
        }

        return all.Max();
    }

    private static void WarnOfCores(MpiCommunicator ranks, int threads)
    {
        (int own, int cores) = MpiLauncher.Cores;
        if (ranks.Rank == 0 && (threads > own || (ranks.Threads == own && own * MpiLauncher.RanksOnHost * 2 <= cores)))
        {
            Console.Error.WriteLine(
                $"warning: mpirun binds each rank to {own} of {cores} cores, and it has {threads} threads; "
                + "give mpirun --bind-to none or --map-by slot:PE=N");
        }
    }
}
