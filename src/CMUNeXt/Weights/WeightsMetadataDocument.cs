using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;

namespace CMUNeXt.Weights;

/// <summary>
/// <see cref="WeightsMetadata"/> as it stands in JSON. A type of its own, with setters: generated readers give an init-only
/// member that a file leaves out the default of its type, not the value of its initializer.
/// </summary>
internal sealed class WeightsMetadataDocument
{
    public required NetworkDocument Network { get; set; }

    public PreprocessingDocument Preprocessing { get; set; } = new();

    public IReadOnlyList<string> Classes { get; set; } = [];

    public double Threshold { get; set; } = 0.5;

    // Left out by those that were shown images upside down.
    public bool? VerticalFlips { get; set; }

    public CalibrationDocument? Calibration { get; set; }

    public PresenceDocument? Presence { get; set; }

    public FlipsDocument? WithFlips { get; set; }

    [JsonPropertyName("dataset")]
    public string? DataSet { get; set; }

    public KnownCasesDocument? KnownCases { get; set; }

    public IReadOnlyDictionary<string, double>? Metrics { get; set; }

    public string? Recipe { get; set; }

    public string? License { get; set; }

    /// <summary>As earlier versions wrote it.</summary>
    [JsonPropertyName("licence")]
    public string? EarlierLicense
    {
        get => null;
        set => License = value;
    }

    public string? IntendedUse { get; set; }

    public static WeightsMetadataDocument Of(WeightsMetadata metadata) => new()
    {
        Network = new NetworkDocument
        {
            Name = metadata.Network.Name,
            Channels = metadata.Network.Channels,
            Outputs = metadata.Network.Outputs,
            Configuration = metadata.Network.Configuration,
        },
        Preprocessing = new PreprocessingDocument
        {
            Height = metadata.Preprocessing.Height,
            Width = metadata.Preprocessing.Width,
            Order = metadata.Preprocessing.Order,
            Mean = metadata.Preprocessing.Mean,
            StandardDeviation = metadata.Preprocessing.StandardDeviation,
            Divisor = metadata.Preprocessing.Divisor,
            Letterbox = metadata.Preprocessing.Letterbox ? true : null,
        },
        Classes = metadata.Classes,
        Threshold = metadata.Threshold,
        VerticalFlips = metadata.VerticalFlips ? null : false,
        Calibration = CalibrationDocument.Of(metadata.Calibration),
        Presence = PresenceDocument.Of(metadata.Presence),
        WithFlips = (metadata.CalibrationWithFlips, metadata.PresenceWithFlips) is (null, null) ? null : new FlipsDocument
        {
            Calibration = CalibrationDocument.Of(metadata.CalibrationWithFlips),
            Presence = PresenceDocument.Of(metadata.PresenceWithFlips),
        },
        DataSet = metadata.DataSet,
        KnownCases = metadata.TrainingCases is { } training
            ? new KnownCasesDocument { Training = training, Selection = metadata.SelectionCases ?? [] }
            : null,
        Metrics = metadata.Metrics,
        Recipe = metadata.Recipe,
        License = metadata.License,
        IntendedUse = metadata.IntendedUse,
    };

    // What the published protocol has for an input of as many channels.
    private Preprocessing Published => Network.Channels == 1 ? Images.Preprocessing.For(1) : Images.Preprocessing.Published;

    public WeightsMetadata ToMetadata() => new()
    {
        Network = new NetworkDescription
        {
            Name = Network.Name,
            Channels = Network.Channels,
            Outputs = Network.Outputs,
            Configuration = Network.Configuration,
        },
        Preprocessing = new Preprocessing
        {
            Height = Preprocessing.Height,
            Width = Preprocessing.Width,
            Order = Preprocessing.Order ?? Published.Order,
            Mean = Preprocessing.Mean ?? Published.Mean,
            StandardDeviation = Preprocessing.StandardDeviation ?? Published.StandardDeviation,
            Divisor = Preprocessing.Divisor,
            Letterbox = Preprocessing.Letterbox == true,
        },
        Classes = Classes,
        Threshold = Threshold,
        VerticalFlips = VerticalFlips != false,
        Calibration = Calibration?.ToCalibration(),
        Presence = Presence?.ToThreshold(),
        CalibrationWithFlips = WithFlips?.Calibration?.ToCalibration(),
        PresenceWithFlips = WithFlips?.Presence?.ToThreshold(),
        DataSet = DataSet,
        TrainingCases = KnownCases?.Training,
        SelectionCases = KnownCases?.Selection,
        Metrics = Metrics,
        Recipe = Recipe,
        License = License,
        IntendedUse = IntendedUse,
    };

    internal sealed class NetworkDocument
    {
        public required string Name { get; set; }

        public int Channels { get; set; } = 3;

        public int Outputs { get; set; } = 1;

        public CMUNeXtConfiguration? Configuration { get; set; }
    }

    internal sealed class CalibrationDocument
    {
        public required double Intercept { get; set; }

        public required double Slope { get; set; }

        public double ShareSlope { get; set; }

        public double LeastIou { get; set; } = 0.5;

        public required int Lesions { get; set; }

        public IReadOnlyList<double> ExpectedCalibrationErrors { get; set; } = [];

        public static CalibrationDocument? Of(LesionCalibration? calibration) => calibration is null ? null : new CalibrationDocument
        {
            Intercept = calibration.Intercept,
            Slope = calibration.Slope,
            ShareSlope = calibration.ShareSlope,
            LeastIou = calibration.LeastIou,
            Lesions = calibration.Lesions,
            ExpectedCalibrationErrors = calibration.ExpectedCalibrationErrors,
        };

        public LesionCalibration ToCalibration() => new()
        {
            Intercept = Intercept,
            Slope = Slope,
            ShareSlope = ShareSlope,
            LeastIou = LeastIou,
            Lesions = Lesions,
            ExpectedCalibrationErrors = ExpectedCalibrationErrors,
        };
    }

    internal sealed class KnownCasesDocument
    {
        public IReadOnlyList<string> Training { get; set; } = [];

        public IReadOnlyList<string> Selection { get; set; } = [];
    }

    internal sealed class PresenceDocument
    {
        public required double Score { get; set; }

        public required double Specificity { get; set; }

        public required int HealthyImages { get; set; }

        public double? Sensitivity { get; set; }

        public static PresenceDocument? Of(PresenceThreshold? presence) => presence is null ? null : new PresenceDocument
        {
            Score = presence.Score,
            Specificity = presence.Specificity,
            HealthyImages = presence.HealthyImages,
            Sensitivity = presence.Sensitivity,
        };

        public PresenceThreshold ToThreshold() => new()
        {
            Score = Score,
            Specificity = Specificity,
            HealthyImages = HealthyImages,
            Sensitivity = Sensitivity,
        };
    }

    internal sealed class FlipsDocument
    {
        public CalibrationDocument? Calibration { get; set; }

        public PresenceDocument? Presence { get; set; }
    }

    internal sealed class PreprocessingDocument
    {
        public int Height { get; set; } = Images.Preprocessing.Published.Height;

        public int Width { get; set; } = Images.Preprocessing.Published.Width;

        // Those that are left out follow from the network.
        [DisallowNull]
        public ChannelOrder? Order { get; set; }

        [DisallowNull]
        public IReadOnlyList<double>? Mean { get; set; }

        [JsonPropertyName("std")]
        [DisallowNull]
        public IReadOnlyList<double>? StandardDeviation { get; set; }

        /// <summary>As earlier versions wrote it.</summary>
        [JsonPropertyName("deviation")]
        [DisallowNull]
        public IReadOnlyList<double>? EarlierStandardDeviation
        {
            get => null;
            set => StandardDeviation = value;
        }

        public double Divisor { get; set; } = Images.Preprocessing.Published.Divisor;

        // Left out by those that stretch.
        public bool? Letterbox { get; set; }
    }
}
