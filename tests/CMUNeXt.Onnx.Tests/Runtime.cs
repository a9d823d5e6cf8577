using Microsoft.ML.OnnxRuntime;

namespace CMUNeXt.Onnx.Tests;

/// <summary>ONNX Runtime as any other program would use it: defaults, one input, one output.</summary>
internal static class Runtime
{
    public static float[] Run<T>(byte[] model, string input, T[] values, long[] shape, string output, out long[] outputShape)
        where T : unmanaged
    {
        using SessionOptions options = new() { IntraOpNumThreads = 2 };
        using InferenceSession session = new(model, options);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(values, shape);
        using RunOptions run = new();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [input], [value], [output]);
        outputShape = results[0].GetTensorTypeAndShape().Shape;
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
