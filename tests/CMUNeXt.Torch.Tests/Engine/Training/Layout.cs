using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Engine.Training;

/// <summary>Moves values between tensors, images x channels x height x width, and maps.</summary>
internal static unsafe class Layout
{
    public static BatchMap ToMap(BatchMemory memory, ChannelPlaces channels, Tensor tensor)
    {
        BatchMap map = memory.Rent(channels.Blocks, (int)tensor.shape[2], (int)tensor.shape[3]);
        Fill(map, channels, tensor);
        return map;
    }

    public static void Fill(BatchMap map, ChannelPlaces channels, Tensor tensor)
    {
        float[] values = Singles(tensor);
        int plane = map.Height * map.Width;
        int count = (int)tensor.shape[1];
        for (int place = 0; place < channels.Blocks * 8; place++)
        {
            for (int pixel = 0; pixel < map.Batch.Count * plane; pixel++)
            {
                map.At(place / 8, pixel)[place % 8] = channels[place] < 0
                    ? 0
                    : values[(((pixel / plane * count) + channels[place]) * plane) + (pixel % plane)];
            }
        }
    }

    public static float[] FromMap(BatchMap map, ChannelPlaces channels, int count)
    {
        int plane = map.Height * map.Width;
        int pixels = map.Batch.Count * plane;
        float[] values = new float[pixels * count];
        for (int place = 0; place < channels.Blocks * 8; place++)
        {
            for (int pixel = 0; pixel < pixels && channels[place] >= 0; pixel++)
            {
                values[(((pixel / plane * count) + channels[place]) * plane) + (pixel % plane)] = map.At(place / 8, pixel)[place % 8];
            }
        }

        return values;
    }

    public static float[] Singles(Tensor tensor) => tensor.detach().to_type(ScalarType.Float32).contiguous().data<float>().ToArray();

    public static float[] Gradient(Parameter parameter) => new ReadOnlySpan<float>(parameter.Gradient, parameter.Count).ToArray();
}
