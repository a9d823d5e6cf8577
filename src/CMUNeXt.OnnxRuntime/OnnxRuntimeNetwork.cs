using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CMUNeXt.OnnxRuntime;

/// <summary>A network that computes with ONNX Runtime on the CPU: the backend <c>onnxruntime</c>.</summary>
public sealed class OnnxRuntimeNetwork : Network
{
    private static readonly string[] Inputs = [OnnxFile.ImageInput];
    private static readonly string[] Outputs = [OnnxFile.LogitsOutput];

    private readonly InferenceSession session;
    private readonly RunOptions runOptions;

    /// <summary>
    /// Makes a network with given weights, from whatever file they are: it is written as ONNX in memory, with free sizes, and opened.
    /// </summary>
    /// <param name="description">Which network; the configuration of a CMUNeXt is needed.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="export">How it is written, without preprocessing; with free sizes where null.</param>
    /// <param name="spin">
    /// Whether threads spin between operators: faster, and it takes whole cores from everything else on the machine.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The network is not written as ONNX, the weights do not fit, or it is to be written with preprocessing.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">ONNX Runtime's native library does not load on this system.</exception>
    public OnnxRuntimeNetwork(
        NetworkDescription description, StateDict weights, int? threads = null, OnnxExportOptions? export = null, bool spin = false)
        : base(description)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads ?? 1, nameof(threads));
        export ??= new OnnxExportOptions();
        if (export.Preprocessing)
        {
            throw new ArgumentException("A network takes normalized images: its model has no preprocessing.", nameof(export));
        }

        session = Open(OnnxFile.ToBytes(description, weights, export), Math.Min(threads ?? int.MaxValue, Environment.ProcessorCount), spin);
        runOptions = new RunOptions();
    }

    /// <inheritdoc/>
    public override string Backend => OnnxRuntimeBackend.BackendName;

    /// <inheritdoc/>
    public override string Engine => $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    /// <summary>Whether this backend computes a network: whether it is written as ONNX.</summary>
    public static bool Supports(NetworkDescription description) => OnnxFile.Supports(description);

    /// <inheritdoc/>
    protected override unsafe void Compute(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation)
    {
        fixed (float* values = input, output = logits)
        {
            OrtMemoryInfo memory = OrtMemoryInfo.DefaultInstance;
            using OrtValue image = OrtValue.CreateTensorValueWithData(
                memory, TensorElementType.Float, [batch, Description.Channels, height, width], (nint)values,
                (long)input.Length * sizeof(float));
            using OrtValue result = OrtValue.CreateTensorValueWithData(
                memory, TensorElementType.Float, [batch, Description.Outputs, height, width], (nint)output,
                (long)logits.Length * sizeof(float));
            session.Run(runOptions, Inputs, [image], Outputs, [result]);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Input and output are bound once, as ONNX Runtime's I/O binding has it: no value is copied or allocated for a call.
    /// </remarks>
    protected override PreparedCall PrepareCompute(float[] input, int batch, int height, int width) =>
        new BoundCall(this, input, batch, height, width);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            session.Dispose();
            runOptions.Dispose();
        }

        base.Dispose(disposing);
    }

    private static InferenceSession Open(byte[] model, int threads, bool spin)
    {
        try
        {
            // Medical images are computed here: nothing is reported to anyone.
            OrtEnv.Instance().DisableTelemetryEvents();
            using SessionOptions options = new()
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                EnableCpuMemArena = true,
                EnableMemoryPattern = true,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };

            options.AddSessionConfigEntry("session.intra_op.allow_spinning", spin ? "1" : "0");
            return new InferenceSession(model, options);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new PlatformNotSupportedException("ONNX Runtime does not load on this system; compute with another backend.", e);
        }
    }

    private sealed class BoundCall : PreparedCall
    {
        private readonly OnnxRuntimeNetwork network;
        private readonly float[] logits;
        private readonly OrtValue image;
        private readonly OrtValue result;
        private readonly OrtIoBinding binding;

        public BoundCall(OnnxRuntimeNetwork network, float[] input, int batch, int height, int width)
        {
            this.network = network;
            logits = new float[checked(batch * network.Description.Outputs * height * width)];
            image = OrtValue.CreateTensorValueFromMemory(input, [batch, network.Description.Channels, height, width]);
            result = OrtValue.CreateTensorValueFromMemory(logits, [batch, network.Description.Outputs, height, width]);
            binding = network.session.CreateIoBinding();
            binding.BindInput(OnnxFile.ImageInput, image);
            binding.BindOutput(OnnxFile.LogitsOutput, result);
        }

        public override void Run() => network.session.RunWithBinding(network.runOptions, binding);

        public override float[] CopyLogits() => [.. logits];

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                binding.Dispose();
                image.Dispose();
                result.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
