using CMUNeXt.Backends;
using CMUNeXt.Ranks;
using CMUNeXt.Tensors;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// Trains a network by a protocol: epoch by epoch, with validation after each, and a checkpoint that a killed run goes on from to the
/// same bits. Order and augmentation are functions of seed, epoch and case, so a checkpoint needs no generator's state. Where several ranks
/// train, each has a part of every batch and of the validation cases, all have the same progress, and the first alone writes.
/// </summary>
internal sealed class Trainer
{
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(5);
    private const string Advice =
        "begin anew with a lower learning rate, or from an earlier epoch's weights; what the run has written is kept.";

    private static readonly TimeSpan CurvesInterval = TimeSpan.FromSeconds(30);

    private readonly RunSettings settings;
    private readonly IReadOnlyList<Case> train;
    private readonly IReadOnlyList<Case> validation;
    private readonly ITrainable network;
    private readonly RunFolder folder;
    private readonly TimeProvider clock;
    private readonly BatchLoader loader;
    private readonly Teachers? teachers;
    private readonly RankShare ranks;
    private EpochImages images = new(1);
    private long drawnAt;

    /// <summary>Puts a run together; nothing is written yet. Where several ranks train, all do it.</summary>
    /// <param name="settings">All that the run depends on.</param>
    /// <param name="train">The cases of the training list.</param>
    /// <param name="validation">The cases of the validation list.</param>
    /// <param name="network">The network, with its starting weights; it stays the caller's to dispose.</param>
    /// <param name="folder">Where the run's files go.</param>
    /// <param name="clock">The time; null takes the system's.</param>
    /// <param name="teachers">
    /// Networks that it learns from beside the masks; null where there are none. They stay the caller's to dispose.
    /// </param>
    /// <param name="communicator">The ranks that train together, whose part the network has too; null trains alone.</param>
    public Trainer(
        RunSettings settings,
        IReadOnlyList<Case> train,
        IReadOnlyList<Case> validation,
        ITrainable network,
        RunFolder folder,
        TimeProvider? clock = null,
        Teachers? teachers = null,
        ICommunicator? communicator = null)
    {
        this.settings = settings;
        this.train = train;
        this.validation = validation;
        this.network = network;
        this.folder = folder;
        this.clock = clock ?? TimeProvider.System;
        this.teachers = teachers;
        ranks = new RankShare(communicator);
        loader = new BatchLoader(new CaseCache(CaseCache.LimitFor(ranks.CountOnHost())), settings.Preprocessing, settings.Protocol);
    }

    /// <summary>Trains to the end, or until it is stopped.</summary>
    /// <param name="from">Where to go on from; null begins.</param>
    /// <param name="report">Told of each iteration and epoch; may be null.</param>
    /// <param name="stop">Stops after the iteration that is under way, with a checkpoint.</param>
    /// <returns>The run's progress at its end.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; all is kept.</exception>
    public RunProgress Run(Checkpoint? from, IProgress<TrainingIteration>? report, CancellationToken stop)
    {
        RunProgress progress = RunProgress.None;
        StateDict? best = null;
        if (from is not null)
        {
            network.Restore(from.Weights, from.Optimizer, from.Average);
            progress = from.Progress;
            best = from.Best;
            if (ranks.IsFirst)
            {
                folder.Publish(settings, from, everything: true);
            }
        }

        while (!progress.IsFinished(settings.Protocol))
        {
            (EpochRecord epoch, progress) = RunEpoch(progress, best, report, stop);
            progress = progress with { Epochs = [.. progress.Epochs, epoch] };
            if (!ranks.IsFirst)
            {
                continue;
            }

            StateDict weights = network.CopyWeights();
            StateDict? average = network.CopyAverage();
            if (progress.Best == epoch)
            {
                best = average ?? weights;
                folder.WriteImages(epoch, images.Draw(loader.LoadResized));
            }

            Checkpoint checkpoint = new(progress, weights, network.CopyOptimizer(), best, average);
            folder.WriteCheckpoint(checkpoint);
            folder.Publish(settings, checkpoint, everything: false);
            if (!progress.IsFinished(settings.Protocol))
            {
                DrawCurvesNowAndThen(progress);
            }
        }

        if (ranks.IsFirst)
        {
            folder.DrawCurves(progress.Epochs);
        }

        return progress;
    }

    // A plot takes longer than a short epoch does.
    private void DrawCurvesNowAndThen(RunProgress progress)
    {
        if (drawnAt == 0 || clock.GetElapsedTime(drawnAt) > CurvesInterval)
        {
            folder.DrawCurves(progress.Epochs);
            drawnAt = clock.GetTimestamp();
        }
    }

    // Returns the epoch's record, and the progress with nothing of a next epoch in it.
    private (EpochRecord Epoch, RunProgress Progress) RunEpoch(
        RunProgress progress, StateDict? best, IProgress<TrainingIteration>? report, CancellationToken stop)
    {
        TrainingProtocol protocol = settings.Protocol;
        int epoch = progress.Epochs.Count;
        EpochOrder order = Order();
        int iterations = order.Iterations;
        long started = clock.GetTimestamp();
        RunProgress trained = RunIterations(progress, order, started, best, report, stop);
        if (Validate(epoch, iterations, report, stop) is not (double loss, { } validated, { } masks))
        {
            Keep(trained, started, best);
            throw new OperationCanceledException(stop);
        }

        if (!double.IsFinite(loss))
        {
            throw new TrainingFailedException(
                $"the validation loss became {loss} in epoch {epoch + 1}; {Advice}");
        }

        EpochRecord record = new()
        {
            Epoch = epoch,
            TrainLoss = trained.LossSum / order.Images,
            TrainIou = trained.IouSum / order.Images,
            ValidationLoss = loss,
            Validation = validated,
            Masks = masks,
            Score = Score(epoch, loss, validated, masks),
            LearningRate = protocol.LearningRateAt(((long)(epoch + 1) * iterations) - 1, (long)protocol.Epochs * iterations),
            Seconds = progress.Seconds + clock.GetElapsedTime(started).TotalSeconds,
            EndedAt = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0,
        };
        report?.Report(
            new TrainingIteration(epoch, protocol.Epochs, iterations, iterations, validation.Count, validation.Count, record.TrainLoss,
            record));
        return (record, RunProgress.None with { Epochs = progress.Epochs });
    }

    // Trains on the batches of an epoch that are left, and returns the progress after them.
    private RunProgress RunIterations(
        RunProgress progress, EpochOrder order, long started, StateDict? best, IProgress<TrainingIteration>? report, CancellationToken stop)
    {
        TrainingProtocol protocol = settings.Protocol;
        int epoch = progress.Epochs.Count;
        int iterations = order.Iterations;
        long done = (long)epoch * iterations;
        long allIterations = (long)protocol.Epochs * iterations;
        long saved = started;
        int first = progress.Iteration;
        RunProgress current = progress;
        foreach ((Batch batch, int images) in loader.Training(order, epoch, first, ranks.Of).Zip(order.BatchSizes.Skip(first)))
        {
            network.Seed(protocol.Seed, done + current.Iteration);
            double learningRate = protocol.LearningRateAt(done + current.Iteration, allIterations);
            (double Loss, float[] Logits) result = network.Iterate(
                teachers is null ? batch : batch with { TeacherLogits = teachers.Teach(batch) }, learningRate);
            if (!double.IsFinite(result.Loss))
            {
                throw new TrainingFailedException(
                    $"the loss became {result.Loss} in epoch {epoch + 1}, iteration {current.Iteration + 1}; {Advice}");
            }

            // All ranks stop, and keep what they have, after the same iteration.
            bool late = ranks.IsFirst && clock.GetElapsedTime(saved) > CheckpointInterval;
            double[] all = ranks.AddUp([stop.IsCancellationRequested ? 1 : 0, late ? 1 : 0, .. Count(batch, result.Logits)]);
            current = current with
            {
                Iteration = current.Iteration + 1,
                LossSum = current.LossSum + (result.Loss * images),
                IouSum = current.IouSum + (MeanIou(all.AsSpan(2)) * images),
            };
            report?.Report(new TrainingIteration(epoch, protocol.Epochs, current.Iteration, iterations, 0, validation.Count, result.Loss,
                null));
            if (all[0] + all[1] > 0)
            {
                Keep(current, started, best);
                saved = clock.GetTimestamp();
            }

            if (all[0] > 0)
            {
                throw new OperationCanceledException(stop);
            }
        }

        return current;
    }

    // Of an epoch that is under way.
    private void Keep(RunProgress current, long started, StateDict? best)
    {
        if (!ranks.IsFirst)
        {
            return;
        }

        double seconds = current.Seconds + clock.GetElapsedTime(started).TotalSeconds;
        folder.WriteCheckpoint(new Checkpoint(
            current with { Seconds = seconds }, network.CopyWeights(), network.CopyOptimizer(), best, network.CopyAverage()));
    }

    private EpochOrder Order()
    {
        try
        {
            return loader.Order(train, settings.Shares);
        }
        catch (InvalidDataException e)
        {
            throw new TrainingFailedException(e.Message);
        }
    }

    // Null where it was stopped.
    private (double Loss, MetricsAsPublished Metrics, MaskMetrics Masks)? Validate(
        int epoch, int iterations, IProgress<TrainingIteration>? report, CancellationToken stop)
    {
        List<MetricsAsPublished> all = new(validation.Count);
        MaskCounter masks = new(settings.Network.Outputs);
        images = new EpochImages(settings.Network.Outputs);
        List<double> losses = [];
        bool isStopped = false;

        // The Dice loss of a batch depends on what else is in it, and a case's loss on no other case.
        int atOnce = settings.Protocol.Loss == LossKind.CrossEntropyBatchDice ? 1 : network.EvaluationBatch;
        Case[] own = ranks.Of([.. validation]);
        foreach (Batch batch in loader.Validation(own, atOnce))
        {
            isStopped = stop.IsCancellationRequested;
            if (isStopped)
            {
                break;
            }

            (double Loss, float[] Logits) result = network.Evaluate(batch);
            losses.Add(result.Loss * batch.Count);
            foreach ((Batch single, float[] logits) in Singles(batch, result.Logits))
            {
                Case source = own[all.Count];
                images.Add(source, single, logits);
                all.Add(MetricsAsPublished.Of(logits, single.Target, settings.Network.Outputs, single.Ignored));
                masks.Add(single, logits, loader.IsHealthy(source));
            }

            int done = Math.Min(all.Count * ranks.Size, validation.Count);
            report?.Report(new TrainingIteration(
                epoch, settings.Protocol.Epochs, iterations, iterations, done, validation.Count, losses.Sum() / all.Count, null));
        }

        if (ranks.AddUp([isStopped ? 1 : 0])[0] > 0)
        {
            return null;
        }

        double loss = ranks.Gather([.. losses]).Sum() / validation.Count;
        double[] values = ranks.Gather([.. all.SelectMany(static one => one.ToValues())]);
        MetricsAsPublished[] metrics = [.. values.Chunk(MetricsAsPublished.Count).Select(MetricsAsPublished.OfValues)];
        return (loss, MetricsAsPublished.Mean(metrics), masks.Gather(ranks).ToMetrics());
    }

    private double? Score(int epoch, double loss, MetricsAsPublished published, MaskMetrics masks) => settings.Selection switch
    {
        SelectionKind.Iou => masks.Iou,
        SelectionKind.Dice or SelectionKind.F1 => masks.Dice,
        SelectionKind.Presence => masks.Presence,
        SelectionKind.Loss => -loss,
        SelectionKind.Last => epoch,
        _ => published.Iou,
    };

    // Of each class: the foreground of the prediction, of the reference and of both.
    private double[] Count(Batch batch, float[] logits) =>
    [
        .. CountsAsPublished.Of(logits, batch.Target, settings.Network.Outputs, batch.Height * batch.Width)
            .SelectMany(static one => (double[])[one.Predicted, one.Reference, one.Both]),
    ];

    private static double MeanIou(ReadOnlySpan<double> counts)
    {
        double sum = 0;
        for (int i = 0; i < counts.Length; i += 3)
        {
            sum += CountsAsPublished.Iou(counts[i], counts[i + 1], counts[i + 2]);
        }

        return sum / (counts.Length / 3);
    }

    // Each case of a batch by itself.
    private static IEnumerable<(Batch Single, float[] Logits)> Singles(Batch batch, float[] logits)
    {
        int plane = batch.Height * batch.Width;
        return batch.Count == 1
            ? [(batch, logits)]
            : logits.Chunk(logits.Length / batch.Count).Select((single, place) => (One(place * plane), single));

        Batch One(int first) => new(1, batch.Height, batch.Width, [], batch.Target[first..(first + plane)])
        {
            Ignored = batch.Ignored?[first..(first + plane)],
        };
    }
}
