using System.Reflection;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>What a new training is asked for. Whatever is left out is as the published protocol has it.</summary>
public sealed record TrainingOptions
{
    /// <summary>The prepared data set's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The list of the cases to train on: a file, looked for as given and then under <see cref="Data"/>.</summary>
    public required string Train { get; init; }

    /// <summary>Further lists of cases to train on, such as those of other data sets that were merged into one.</summary>
    public IReadOnlyList<string> FurtherTrain { get; init; } = [];

    /// <summary>
    /// The shares of an epoch's images that the training lists have, in their order, in any unit; null draws every case once. The list
    /// whose cases are drawn least is drawn once, the others more often.
    /// </summary>
    public IReadOnlyList<double>? Shares { get; init; }

    /// <summary>The list of the cases to validate on after each epoch, looked for in the same places.</summary>
    public required string Validation { get; init; }

    /// <summary>
    /// The network, with 1 or 3 channels; its outputs follow from the data set's classes. Null takes the one of <see cref="Weights"/>.
    /// </summary>
    public NetworkDescription? Network { get; init; }

    /// <summary>Weights to start from; where their classes differ, the last layer is new. Null starts from the seed.</summary>
    public LoadedWeights? Weights { get; init; }

    /// <summary>
    /// The weights of networks that it learns from beside the masks, and that see images as it does; none where it learns from masks alone.
    /// </summary>
    public IReadOnlyList<LoadedWeights> Teachers { get; init; } = [];

    /// <summary>
    /// The settings of the training; null takes the published protocol, at the size of <see cref="Weights"/>, else at the network's own.
    /// </summary>
    public TrainingProtocol? Protocol { get; init; }

    /// <summary>
    /// How an image becomes the network's input, at any size: that of <see cref="Protocol"/> counts. Null takes that of
    /// <see cref="Weights"/> where they state it, else the published one.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Whether images keep their proportions (<see cref="Preprocessing.Letterbox"/>); null as the preprocessing has it.</summary>
    public bool? Letterbox { get; init; }

    /// <summary>The name of the backend that trains; null takes the first that trains the network on the device.</summary>
    public string? Backend { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The number of threads, at least 1; null takes one for each core.</summary>
    public int? Threads { get; init; }

    private static string Version =>
        typeof(TrainingOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>All that the run would depend on; the data set and the lists are read, and nothing is written.</summary>
    /// <exception cref="SettingsException">The options contradict each other, or do not suit the network or the data set.</exception>
    /// <exception cref="BackendException">No backend trains the network on the device.</exception>
    /// <exception cref="BadFileException">
    /// A list, the data set or a case of it cannot be read, or the weights are those of another network.
    /// </exception>
    public RunSettings ToSettings()
    {
        DataSet data = DataSet.Open(Data);
        NetworkDescription network = DescribeNetwork() with { Outputs = data.Outputs };
        CaseList[] lists = [.. FurtherTrain.Prepend(Train).Select(list => CaseList.Read(list, Data))];
        if (Shares is not null && Protocol?.HealthyShare > 0)
        {
            throw new SettingsException("shares of lists and a share of healthy images do not go together: leave one of them out");
        }

        if (Shares is not null && Shares.Count != lists.Length)
        {
            throw new SettingsException($"there must be a share for each training list; shares: {Shares.Count}, lists: {lists.Length}");
        }

        string[] train = [.. lists.SelectMany(static list => list.Names)];
        if (train.CountBy(static name => name).FirstOrDefault(static one => one.Value > 1).Key is { } twice)
        {
            throw new SettingsException($"the case {PrintableText.Of(twice)} stands in two training lists");
        }

        (int width, int height) = TrainingRecipe.SizeFor(network, Weights);
        TrainingProtocol protocol = Protocol ?? new TrainingProtocol { Width = width, Height = height };
        Preprocessing preprocessing = Preprocessing ?? Weights?.Metadata?.Preprocessing ?? Images.Preprocessing.For(network.Channels);
        RunSettings settings = new()
        {
            Version = Version,
            Network = network,
            Preprocessing = preprocessing with
            {
                Width = protocol.Width,
                Height = protocol.Height,
                Letterbox = Letterbox ?? preprocessing.Letterbox,
            },
            Protocol = protocol,
            Data = Path.GetFullPath(Data),
            Classes = data.ClassNames,
            Train = train,
            Shares = Shares is null ? null : [.. lists.Zip(Shares, static (list, share) => new ListShare(list.Names.Count, share))],
            Validation = CaseList.Read(Validation, Data).Names,
            Backend = BackendRegistry.ForTraining(network, Device, Backend).Name,
            Device = Device,
            Threads = Threads ?? Environment.ProcessorCount,
            InitialWeights = Weights is null ? null : Path.GetFileName(Weights.Path),
            InitialWeightsSha256 = Weights?.Sha256,
            Teachers = Teachers.Count == 0
                ? null
                : [.. Teachers.Select(teacher => new TeacherFile(Path.GetFullPath(teacher.Path), teacher.Sha256))],
        };
        return (settings.FindFault() ?? FindSingleCaseFault(settings, data)) is { } fault ? throw new SettingsException(fault) : settings;
    }

    private NetworkDescription DescribeNetwork()
    {
        NetworkDescription network = Weights?.DescribeNetwork() ?? Network
            ?? throw new SettingsException("a training needs a network, or weights to start from");
        return Weights is null ? network.Channels is 1 or 3 ? network
                : throw new SettingsException($"a network for images has 1 or 3 channels, not {network.Channels}")
            : Network is { } asked && asked.Name != network.Name
                ? throw new BadFileException(Weights.Path, $"holds a {network.Name}, not a {asked.Name}; name that network, or none")
            : network.Channels is 1 or 3 ? network
                : throw new BadFileException(Weights.Path, $"holds a network with {network.Channels} input channels; images have 1 or 3");
    }

    // A pixel of the lowest level is as many image pixels wide as the size's multiple, and batch normalization in training needs two values
    // of each channel. How many cases a batch has depends on shares and classes too, so the order of an epoch is asked.
    private static string? FindSingleCaseFault(RunSettings settings, DataSet data)
    {
        TrainingProtocol protocol = settings.Protocol;
        int multiple = NetworkCatalog.SizeOf(settings.Network.Name).Multiple;
        if (protocol.Width / multiple * (protocol.Height / multiple) != 1)
        {
            return null;
        }

        try
        {
            EpochOrder order = new BatchLoader(new CaseCache(), settings.Preprocessing, protocol)
                .Order(data.Resolve(settings.Train, "the training list"), settings.Shares);
            return order.BatchSizes.Contains(1)
                ? $"at {protocol.Width} x {protocol.Height} an iteration needs at least two cases, since batch normalization cannot work "
                    + $"with a single pixel, and with a batch of {protocol.Batch} the last iteration of an epoch of {order.Images} cases "
                    + "has one; give another batch or a larger size"
                : null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
