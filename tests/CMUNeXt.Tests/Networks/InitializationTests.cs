using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Networks;

public sealed class InitializationTests
{
    private static readonly IReadOnlyList<Layer> Layers = CMUNeXtConfiguration.Small.Layers(3, 1);

    [Fact]
    public void All_tensors_of_the_layers_are_there_in_order()
    {
        StateDict state = Initialization.Create(Layers, 41);
        Assert.Equal(ExpectedTensor.Of(Layers).Select(tensor => tensor.Name), state.Select(tensor => tensor.Name));
        Assert.Null(NetworkCatalog.FindMismatch(ExpectedTensor.Of(Layers), state));
    }

    [Fact]
    public void Convolutions_fill_the_interval_of_one_over_the_root_of_the_fan_in()
    {
        StateDict state = Initialization.Create(Layers, 41);
        foreach (Layer layer in Layers.Where(layer => layer.Kind == LayerKind.Convolution))
        {
            // The inputs of one output value: its own channels times the kernel's area.
            double bound = 1 / Math.Sqrt(state[$"{layer.Name}.weight"].Shape.Skip(1).Aggregate(1, (count, size) => count * size));
            foreach (string kind in (string[])["weight", "bias"])
            {
                float[] values = state[$"{layer.Name}.{kind}"].ToSingles();
                Assert.All(values, value => Assert.InRange(value, (float)-bound, (float)bound));
                if (values.Length >= 1000)
                {
                    // Uniform: a mean of 0 within 5 standard errors, and a variance of a third of the squared bound.
                    double mean = values.Average(value => (double)value);
                    Assert.InRange(mean, -5 * bound / Math.Sqrt(3 * values.Length), 5 * bound / Math.Sqrt(3 * values.Length));
                    Assert.Equal(1.0 / 3, values.Average(value => value * (double)value) / (bound * bound), 0.05);
                    Assert.InRange(values.Max(), 0.98 * bound, bound);
                    Assert.InRange(values.Min(), -bound, -0.98 * bound);
                }
            }
        }
    }

    [Fact]
    public void Normalization_starts_as_the_identity()
    {
        StateDict state = Initialization.Create(Layers, 41);
        foreach (Layer layer in Layers.Where(layer => layer.Kind == LayerKind.Normalization))
        {
            Assert.All(state[$"{layer.Name}.weight"].ToSingles(), value => Assert.Equal(1, value));
            Assert.All(state[$"{layer.Name}.bias"].ToSingles(), value => Assert.Equal(0, value));
            Assert.All(state[$"{layer.Name}.running_mean"].ToSingles(), value => Assert.Equal(0, value));
            Assert.All(state[$"{layer.Name}.running_var"].ToSingles(), value => Assert.Equal(1, value));
            WeightTensor counter = state[$"{layer.Name}.num_batches_tracked"];
            Assert.Equal(ElementType.Int64, counter.Type);
            Assert.Equal([0], counter.ToSingles());
        }
    }

    [Fact]
    public void A_tensor_is_a_function_of_the_seed_and_of_its_name()
    {
        StateDict state = Initialization.Create(Layers, 41);
        StateDict other = Initialization.Create(Layers, 42);
        foreach (Layer layer in Layers.Where(layer => layer.Kind == LayerKind.Convolution))
        {
            string weight = $"{layer.Name}.weight";
            Assert.Equal(state[weight].Data, Initialization.Create([layer], 41)[weight].Data);
            Assert.NotEqual(state[weight].ToSingles(), other[weight].ToSingles());
            Layer renamed = layer with { Name = "other" };
            Assert.NotEqual(state[weight].ToSingles(), Initialization.Create([renamed], 41)["other.weight"].ToSingles());
        }
    }
}
